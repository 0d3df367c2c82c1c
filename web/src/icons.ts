/** Line icons, 20 × 20, drawn with the text's colour. Each stands beside words or in a labelled button. */
import { svg, type TemplateResult } from "lit"
import { html } from "lit"

const icon = (paths: TemplateResult): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${paths}</svg>`

export const icons = {
  send: icon(svg`<path d="M10 16V4.5M5 9l5-5 5 5"/>`),
  stop: icon(svg`<rect class="solid" x="5.5" y="5.5" width="9" height="9" rx="1.5"/>`),
  attach: icon(
    svg`<rect x="3" y="3.5" width="14" height="13" rx="2.5"/><circle cx="7.4" cy="7.9" r="1.3"/><path d="m3.5 14 3.8-3.4 2.8 2.4 2.6-2.8 3.8 3.8"/>`,
  ),
  link: icon(svg`<path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.7-2.7a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-2.7 2.7a3 3 0 0 0 4.3 4.3l1-1"/>`),
  clapper: icon(svg`<path d="M3 9h14v7.5H3zM3 9l-.7-3 13.6-3.2.7 3zM6.4 5l2 2.8M11 4l2 2.8"/>`),
  close: icon(svg`<path d="m5.5 5.5 9 9M14.5 5.5l-9 9"/>`),
  plus: icon(svg`<path d="M10 4.5v11M4.5 10h11"/>`),
  compose: icon(
    svg`<path d="M10.5 4H6a2.5 2.5 0 0 0-2.5 2.5V14A2.5 2.5 0 0 0 6 16.5h7.5A2.5 2.5 0 0 0 16 14V9.5"/><path d="m9 11 .4-2L15 3.4a1.1 1.1 0 0 1 1.6 1.6L11 10.6z"/>`,
  ),
  pencil: icon(svg`<path d="m4 16 .8-3.4 8.6-8.6a1.5 1.5 0 0 1 2.2 0l.4.4a1.5 1.5 0 0 1 0 2.2l-8.6 8.6z"/>`),
  check: icon(svg`<path d="m4.5 10.5 3.6 3.6 7.4-8"/>`),
  cross: icon(svg`<path d="m6 6 8 8M14 6l-8 8"/>`),
  retry: icon(svg`<path d="M15.5 8A6 6 0 1 0 16 11.2"/><path d="M16 4v4.2h-4.2"/>`),
  download: icon(svg`<path d="M10 3.5v9M6.2 9 10 12.7 13.8 9M4 16.5h12"/>`),
  chevron: icon(svg`<path d="m7.5 5 5 5-5 5"/>`),
  down: icon(svg`<path d="M10 4.5v11M5 10.5l5 5 5-5"/>`),
  film: icon(
    svg`<rect x="3" y="4" width="14" height="12" rx="2"/><path d="M6.5 4v12M13.5 4v12M3 8h3.5M3 12h3.5M13.5 8H17M13.5 12H17"/>`,
  ),
  compare: icon(svg`<rect x="3" y="4.5" width="6" height="11" rx="1.5"/><rect x="11" y="4.5" width="6" height="11" rx="1.5"/>`),
  history: icon(svg`<circle cx="10" cy="10" r="6.5"/><path d="M10 6.5V10l2.5 1.5"/>`),
  search: icon(svg`<circle cx="9" cy="9" r="5"/><path d="m13 13 3.500 3.500"/>`),
  pause: icon(svg`<rect class="solid" x="5.5" y="5" width="3" height="10" rx="1"/><rect class="solid" x="11.5" y="5" width="3" height="10" rx="1"/>`),
  play: icon(svg`<path class="solid" d="M7 5.2v9.6c0 .6.7 1 1.2.6l7.2-4.8a.8.8 0 0 0 0-1.2L8.2 4.6C7.7 4.2 7 4.6 7 5.2z"/>`),
  warning: icon(svg`<path d="M10 3.6 17 16H3z"/><path d="M10 8.4v3.4M10 13.8v.1"/>`),
  chat: icon(svg`<path d="M4.5 4h11A1.5 1.5 0 0 1 17 5.5v7a1.5 1.5 0 0 1-1.5 1.5H9l-4 3v-3h-.5A1.5 1.5 0 0 1 3 12.5v-7A1.5 1.5 0 0 1 4.5 4z"/>`),
  spinner: html`<svg class="icon spinner" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <circle class="track" cx="10" cy="10" r="6.5" /><path d="M10 3.5a6.5 6.5 0 0 1 6.5 6.5" />
  </svg>`,
} as const
