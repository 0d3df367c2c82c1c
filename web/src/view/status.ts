/** How the connection is: one line under the title, and words with one action when it needs a person. */
import { html, nothing, type TemplateResult } from "lit"
import type { Chat, ChatState } from "../chat"
import { icons } from "../icons"

export function statusLine(chat: Chat, { connection, limits }: ChatState): TemplateResult {
  const { words } = chat
  const said = {
    idle: words.connecting,
    connecting: words.connecting,
    online: limits === undefined ? words.connecting : words.online,
    reconnecting: words.reconnecting,
    offline: words.offline,
    signedOut: words.signedOut,
    refused: words.signedOut,
  }
  const state = connection === "online" && limits === undefined ? "connecting" : connection
  return html`<p class="status-line ${state}" role="status"><i></i>${said[connection]}</p>`
}

export function trouble(chat: Chat, { connection, refusal }: ChatState): TemplateResult | typeof nothing {
  if (connection !== "signedOut" && connection !== "refused") return nothing
  const { words } = chat
  const cause = refusal?.code === "unsupported_protocol" ? words.refusedProtocol : refusal?.message
  return html`<div class="trouble" role="alert">
    ${icons.warning}
    <p>${cause ?? words.signedOutMore}</p>
    <button class="plain small" @click=${() => chat.retryConnection()}>${icons.retry}<span>${words.retry}</span></button>
  </div>`
}
