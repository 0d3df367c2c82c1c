/** Who the visitor is comes from your own backend, whenever the chat asks; what was made, in an event. */
import { getToken } from "./token.js"

const chat = document.querySelector("campaign-chat")
chat.getToken = getToken
chat.addEventListener("campaign-chat:video-generated", ({ detail }) => {
  document.querySelector("output").textContent = detail.videoUrl
})
