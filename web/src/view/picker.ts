/** The ways in for files: a button, and what is pasted. */
import { html, type TemplateResult } from "lit"
import { icons } from "../icons"
import type { Limits } from "../protocol"

type Take = (files: Iterable<File>) => void

/** The field of the browser stands beside its button, unseen. */
const pick = ({ currentTarget }: Event): void =>
  ((currentTarget as Element).previousElementSibling as HTMLInputElement).click()

export function filePicker(label: string, limits: Limits | undefined, take: Take): TemplateResult {
  const picked = (event: Event): void => {
    const input = event.target as HTMLInputElement
    take(input.files ?? [])
    input.value = "" // the same file may be picked again
  }
  return html`<input type="file" hidden multiple accept=${limits?.uploadTypes.join(",") ?? "image/*"} @change=${picked}>
    <button type="button" class="quiet" aria-label=${label} title=${label} @click=${pick}>${icons.attach}</button>`
}

export function pasted(event: ClipboardEvent, take: Take): void {
  const data = event.clipboardData
  const files = [...(data?.files ?? [])]
  // An office program copies a picture of its words as well.
  const isText = data?.types.includes("text/rtf") && data.getData("text").trim() !== ""
  if (files.length === 0 || isText) return
  event.preventDefault()
  take(files)
}
