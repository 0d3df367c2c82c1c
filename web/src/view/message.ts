/** Messages as they stand in the record, and those on their way into it. */
import { html, nothing, type TemplateResult } from "lit"
import type { Chat } from "../chat"
import { timeOfDay } from "../format"
import { icons } from "../icons"
import type { Outgoing } from "../keep"
import { markdown } from "../markdown"
import type { UploadNamed } from "../protocol"
import type { Item } from "../story"
import type { Message, Timeline } from "../timeline"
import { tell } from "./light"

type MessageItem = Extract<Item, { kind: "message" }>

export function messageView(chat: Chat, item: MessageItem, locale?: string): TemplateResult {
  if (item.message.sender === "user") return userMessage(chat, item, locale)
  if (item.message.sender === "system" && item.message.code !== "welcome") return note(chat, item)
  return answer(chat, item)
}

function userMessage(chat: Chat, { message, queued, canEdit }: MessageItem, locale?: string): TemplateResult {
  const { words } = chat
  return html`<div class="said">
    <h3 class="hidden">${words.you}</h3>
    ${thumbnails(chat, message.uploads)}
    ${message.text === "" ? nothing : html`<div class="bubble" dir="auto" part="bubble">${message.text}</div>`}
    <div class="under">
      ${canEdit
        ? html`<button class="quiet small" title=${words.edit} aria-label=${words.edit} @click=${() => chat.edit(message.id)}>
            ${icons.pencil}
          </button>`
        : nothing}
      ${queued
        ? html`<span class="queued">${words.queued}</span>`
        : html`<time class="when" datetime=${message.at}>${timeOfDay(message.at, locale)}</time>`}
    </div>
  </div>`
}

/** The images of a message, from the record; one that is not there (yet) is left out. */
function thumbnails(chat: Chat, uploads: readonly UploadNamed[]): TemplateResult | typeof nothing {
  const { timeline } = chat.state
  const shown = uploads.map(({ uploadId, role }) => {
    const upload = timeline.uploads.get(uploadId)
    if (!upload) return nothing
    const name = role === undefined ? chat.words.uploadedImage : chat.words.roles[role]
    return html`<figure class="sent">
      <img src=${upload.url} alt=${name} loading="lazy" width="72" height="72">
      ${role === undefined ? nothing : html`<figcaption>${name}</figcaption>`}
    </figure>`
  })
  return shown.length === 0 ? nothing : html`<div class="images">${shown}</div>`
}

function answer(chat: Chat, item: MessageItem): TemplateResult {
  const { message, showSuggestions } = item
  const welcome = message.code === "welcome" && showSuggestions
  return html`<div class=${welcome ? "welcome" : "spoken"}>
    <h3 class=${welcome ? "question" : "hidden"}>${welcome ? chat.words.welcome : chat.words.assistant}</h3>
    <div class="answer" dir="auto">${markdown(message.text)}</div>
    ${showSuggestions ? suggestions(chat, message, welcome) : nothing}
  </div>`
}

/** Starters fill the composer, so that they can be made one's own; follow-ups are said as they are. */
function suggestions(chat: Chat, message: Message, starters: boolean): TemplateResult {
  const choose = (event: MouseEvent, text: string): void => {
    if (starters) chat.setDraft(text)
    else if (event.detail < 2) chat.say(text)
    tell(event.currentTarget as Element, "focus-composer")
  }
  const label = starters ? chat.words.starters : chat.words.followUps
  return html`<ul class=${starters ? "starters" : "chips"} aria-label=${label}>
    ${message.suggestions.map(
      (text) => html`<li>
        <button class=${starters ? "starter" : "chip"} @click=${(event: MouseEvent) => choose(event, text)}>
          <span>${text}</span>
        </button>
      </li>`,
    )}
  </ul>`
}

/** What the studio announces: a pill in the middle. */
function note(chat: Chat, { message, showSuggestions }: MessageItem): TemplateResult {
  const creative = readyFilm(chat.state.timeline, message)
  const { words } = chat
  const text = creative
    ? words.videoReady(creative.model, creative.duration)
    : message.text
  const show = (event: Event): void => tell(event.currentTarget as Element, "show-job", message.jobId)
  // A font for ✅ is not on every machine: it is drawn, and stays in the text for who reads or copies it.
  const plain = text.replace(/^✅\s*/u, "")
  return html`<div class="note">
    <p class="pill">
      ${plain === text ? nothing : html`<span class="good">${icons.check}<span class="hidden">✅ </span></span>`}<span>${plain}</span>
      ${creative ? html`<button class="link" @click=${show}>${words.showFilm}</button>` : nothing}
    </p>
    ${showSuggestions ? suggestions(chat, message, false) : nothing}
  </div>`
}

function readyFilm(timeline: Timeline, message: Message): { model: string; duration: number } | undefined {
  if (message.code !== "video.ready" || message.jobId === undefined) return undefined
  const id = timeline.jobs.get(message.jobId)?.creativeId
  return id === undefined ? undefined : timeline.creatives.get(id)?.visual
}

export function outgoingView(chat: Chat, message: Outgoing): TemplateResult {
  const { words } = chat
  const waits = chat.state.connection === "online" ? words.sending : words.sendingWhenOnline
  return html`<div class="said">
    <h3 class="hidden">${words.you}</h3>
    ${thumbnails(chat, message.uploads.map((uploadId) => ({ uploadId })))}
    ${message.text === "" ? nothing : html`<div class="bubble pending" dir="auto" part="bubble">${message.text}</div>`}
    ${message.error === undefined
      ? html`<div class="under"><span class="when">${waits}</span></div>`
      : html`<div class="under failed" role="alert">
          <span class="bad">${icons.warning}${words.notSent}. ${message.error}</span>
          ${message.canRetry
            ? html`<button class="link" @click=${() => chat.resend(message.clientId)}>${words.retry}</button>`
            : nothing}
          <button class="link" @click=${() => chat.takeBack(message.clientId)}>${words.takeBack}</button>
        </div>`}
  </div>`
}
