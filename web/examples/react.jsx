/** The chat in React: an element like any other, which comes and goes with its page. */
import { StrictMode, useLayoutEffect, useRef, useState } from "react"
import { createRoot } from "react-dom/client"
import { getToken } from "./token.js"

function CampaignChat({ campaign, onFilm }) {
  const chat = useRef(null)
  // Before the first paint, and so before the chat asks. By hand, because React sets a property only
  // on an element whose script is already there.
  useLayoutEffect(() => {
    const element = chat.current
    const tell = ({ detail }) => onFilm(detail)
    element.getToken = getToken
    element.addEventListener("campaign-chat:video-generated", tell)
    return () => element.removeEventListener("campaign-chat:video-generated", tell)
  }, [onFilm])
  return <campaign-chat ref={chat} campaign-id={campaign} />
}

function App() {
  const [isOpen, setOpen] = useState(true)
  const [film, setFilm] = useState()
  return (
    <>
      <h1>Spring 26</h1>
      <p>Newest film: <output>{film?.videoUrl ?? "none yet"}</output></p>
      <button onClick={() => setOpen(!isOpen)}>{isOpen ? "To the calendar" : "To the films"}</button>
      {isOpen ? <CampaignChat campaign="spring-26" onFilm={setFilm} /> : <p>March, April, May</p>}
    </>
  )
}

createRoot(document.getElementById("root")).render(<StrictMode><App /></StrictMode>)
