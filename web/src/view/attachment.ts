/** One image in the composer: what it is, how far it is, and what it is for, in one tap. */
import { html, nothing, type TemplateResult } from "lit"
import type { Attachments } from "../attachments"
import type { Chat } from "../chat"
import { icons } from "../icons"
import type { ReferenceRole } from "../protocol"
import type { Attachment } from "../uploads"

const ROLES: readonly ReferenceRole[] = ["logo", "product", "style"]

export function attachmentView(
  chat: Chat,
  attachment: Attachment,
  onRemoved: () => void,
  owner: Attachments = chat.attachments,
): TemplateResult {
  const { words } = chat
  const { id, name, state } = attachment
  const remove = (): void => {
    owner.remove(id)
    onRemoved()
  }
  return html`<li class="attachment ${state}">
    <div class="thumb">${thumbnail(chat, owner, attachment)}</div>
    <div class="grow">
      <p class="name" title=${name}>${name}</p>
      ${state === "failed" ? problem(chat, owner, attachment) : role(chat, owner, attachment)}
      ${attachment.warnings.map((warning) => html`<p class="warn">${warning.message}</p>`)}
    </div>
    <button type="button" class="remove" aria-label=${words.removeImage(name)} title=${words.remove} @click=${remove}>
      ${icons.close}
    </button>
  </li>`
}

function thumbnail(chat: Chat, owner: Attachments, attachment: Attachment): TemplateResult {
  const { words } = chat
  const { id, name, state, fraction, previewUrl, uploadId, link } = attachment
  // Before it is taken, its link is a stranger's.
  const recorded = uploadId === undefined ? undefined : (chat.state.timeline.uploads.get(uploadId)?.url ?? link)
  const address = previewUrl ?? recorded
  return html`${icons.attach}${address === undefined ? nothing : html`<img src=${address} alt="" @error=${hide}>`}
  ${state === "uploading"
    ? html`<progress max="1" value=${fraction} aria-label="${words.uploading} ${name}"></progress>
        <button type="button" class="halt" aria-label=${words.stopUpload(name)} @click=${() => owner.stop(id)}>
          ${icons.stop}
        </button>`
    : nothing}`
}

/** Not an image after all: the words beside it say so, a broken picture says less. */
const hide = (event: Event): void => {
  ;(event.target as HTMLElement).hidden = true
}

function problem(chat: Chat, owner: Attachments, { id, error, canRetry }: Attachment): TemplateResult {
  const { words } = chat
  return html`<p class="bad" role="alert">
    ${error ?? words.uploadFailed}
    ${canRetry ? html`<button type="button" class="link" @click=${() => owner.retry(id)}>${words.retry}</button>` : nothing}
  </p>`
}

function role(chat: Chat, owner: Attachments, { id, name, role: chosen, file, link }: Attachment): TemplateResult {
  const { words } = chat
  // An image of another session's record: nothing here says where to take it from.
  const fixed = file === undefined && link === undefined
  // Of no form: Enter on a role neither sends a message nor buys a film.
  return html`<div class="roles" role="radiogroup" aria-label=${words.roleOf(name)}>
    ${ROLES.map(
      (each) => html`<label>
        <input
          type="radio"
          form=""
          name="role-${id}"
          .checked=${each === chosen}
          ?disabled=${fixed}
          @change=${() => owner.setRole(id, each)}
        ><span>${words.roles[each]}</span>
      </label>`,
    )}
  </div>`
}
