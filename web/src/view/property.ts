/** Lit's two decorators, in the one form that this compiler writes; Lit's own carry the other as well. */
import type { PropertyDeclaration, ReactiveElement } from "lit"

type Decorator = (prototype: ReactiveElement, name: string) => void

/** What the parent, or the page, sets; a change draws the element anew. */
export const property =
  (options?: PropertyDeclaration): Decorator =>
  (prototype, name) =>
    (prototype.constructor as typeof ReactiveElement).createProperty(name, options)

/** What the element keeps for itself; a change draws it anew. */
export const state = (): Decorator => property({ state: true, attribute: false })
