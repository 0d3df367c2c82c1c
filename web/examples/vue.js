/**
 * The chat in Vue. In a template it is
 *   <campaign-chat campaign-id="spring-26" :getToken.prop="getToken" @campaign-chat:video-generated="film = $event.detail" />
 * with `compilerOptions.isCustomElement: (tag) => tag === "campaign-chat"`.
 */
import { createApp, h, ref } from "vue"
import { getToken } from "./token.js"

const App = {
  setup() {
    const isOpen = ref(true)
    const film = ref()
    const chat = () =>
      h("campaign-chat", {
        "campaign-id": "spring-26",
        ".getToken": getToken,
        "on:campaign-chat:video-generated": ({ detail }) => (film.value = detail),
      })
    return () => [
      h("h1", "Spring 26"),
      h("p", ["Newest film: ", h("output", film.value?.videoUrl ?? "none yet")]),
      h("button", { onClick: () => (isOpen.value = !isOpen.value) }, isOpen.value ? "To the calendar" : "To the films"),
      isOpen.value ? chat() : h("p", "March, April, May"),
    ]
  },
}

createApp(App).mount("#root")
