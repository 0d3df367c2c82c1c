/** Names that this browser gives: of commands, so that they are done once, and of things on screen. */
export const newId = (): string =>
  // randomUUID exists in secure contexts only; a studio on a plain local address is none.
  typeof crypto.randomUUID === "function"
    ? crypto.randomUUID()
    : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
