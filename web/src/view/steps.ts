/** What the agent does, as it does it: one line a call, its words folded under it. */
import { html, nothing, type TemplateResult } from "lit"
import { icons } from "../icons"
import type { Call } from "../timeline"
import type { Words } from "../words"

type State = "running" | "done" | "failed" | "stopped"

const stateOf = (call: Call, over: boolean): State => {
  if (call.ok === undefined) return over ? "stopped" : "running"
  return call.ok ? "done" : "failed"
}

export function stepsView(words: Words, calls: readonly Call[], over: boolean): TemplateResult {
  return html`<ol class="steps" aria-label=${words.steps} part="steps">
    ${calls.map((call) => html`<li>${step(words, call, stateOf(call, over))}</li>`)}
  </ol>`
}

function step(words: Words, call: Call, state: State): TemplateResult {
  const said = { running: words.toolRunning, done: words.toolDone, failed: words.toolFailed, stopped: words.toolStopped }
  return html`<details class="step ${state}">
    <summary>
      <span class="sign">${sign(state)}</span>
      <span class="name">${call.title}</span>
      <span class=${state === "failed" ? "bad" : state === "done" ? "hidden" : "state"}>${said[state]}</span>
      <span class="fold">${icons.chevron}</span>
    </summary>
    <div class="inside">
      ${part(words.toolArguments, call.arguments)} ${call.result ? part(words.toolResult, call.result) : nothing}
      ${call.error ? html`<p class="bad">${call.error.message}</p>` : nothing}
    </div>
  </details>
  ${call.error && state === "failed" ? html`<p class="cause">${call.error.message}</p>` : nothing}`
}

const sign = (state: State): TemplateResult => {
  if (state === "running") return icons.spinner
  if (state === "done") return icons.check
  return state === "failed" ? icons.warning : icons.stop
}

/** Plain fields as a list; what is deeper as JSON. */
function part(label: string, values: Readonly<Record<string, unknown>>): TemplateResult | typeof nothing {
  const rows = Object.entries(values).filter(([, value]) => value !== null && value !== undefined)
  if (rows.length === 0) return nothing
  return html`<p class="label">${label}</p>
    <dl>
      ${rows.map(([name, value]) => {
        const flat = typeof value !== "object"
        const text = flat ? String(value) : JSON.stringify(value, null, 1)
        return html`<div><dt>${name}</dt><dd>${flat ? text : html`<pre tabindex="0">${text}</pre>`}</dd></div>`
      })}
    </dl>`
}
