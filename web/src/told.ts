/**
 * Tells somebody who looks elsewhere that a film has ended: in the page's title, and by the desktop
 * where that was allowed. Of all tabs one takes the film's name and tells; one that is looked at takes
 * it first, and is silent.
 */
const PATIENCE_MS = 3000
/** By then every tab has heard of it. */
const HELD_MS = 60_000

let count = 0
let badge = ""

/** "(2) …" in front of the page's own title, whatever the page makes of that meanwhile. */
export function badgeTitle(): void {
  const more = count + 1
  clearTitle()
  count = more
  badge = `(${count}) `
  document.title = badge + document.title
}

export function clearTitle(): void {
  if (document.title.startsWith(badge)) document.title = document.title.slice(badge.length)
  badge = ""
  count = 0
}

/** Asked only from a click. On Android the answer may be yes, and every use of it an error. */
export const mayAsk = (): boolean =>
  "Notification" in window && Notification.permission === "default" && !navigator.userAgent.includes("Android")

export const mayNotify = (): boolean => "Notification" in window && Notification.permission === "granted"

/** `looked`: whether somebody looks at this tab, by now. */
export async function tellDesktop(jobId: string, looked: () => boolean, show: () => void): Promise<void> {
  if (!mayNotify()) return
  if (!looked()) await after(PATIENCE_MS)
  await navigator.locks.request(`campaign-chat ${jobId}`, { ifAvailable: true }, (lock) => {
    if (!lock) return undefined
    if (!looked()) show()
    return after(HELD_MS)
  })
}

const after = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
