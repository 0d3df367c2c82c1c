/**
 * One place that holds a value, and components that re-render when *their part* of it changes.
 * A progress tick therefore re-renders one card, not the chat.
 */
import type { ReactiveController, ReactiveControllerHost } from "lit"

export class Store<T> {
  readonly #listeners = new Set<() => void>()

  constructor(private current: T) {}

  get value(): T {
    return this.current
  }

  set(next: T): void {
    if (next === this.current) return
    this.current = next
    for (const listener of this.#listeners) listener()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** `value` is `pick(store)`; its host re-renders when that is another value (by identity). */
export class Select<T, V> implements ReactiveController {
  value!: V
  #stop: (() => void) | undefined

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: () => Store<T>,
    private readonly pick: (value: T) => V,
  ) {
    host.addController(this)
  }

  hostConnected(): void {
    const store = this.store()
    this.value = this.pick(store.value)
    // Put back into a page, it may have missed changes, and its clock stands still.
    this.host.requestUpdate()
    this.#stop = store.subscribe(() => this.#look(store))
  }

  hostDisconnected(): void {
    this.#stop?.()
  }

  /** The host's own properties (which job, which message) may have changed what is picked. */
  hostUpdate(): void {
    this.value = this.pick(this.store().value)
  }

  #look(store: Store<T>): void {
    const next = this.pick(store.value)
    if (next === this.value) return
    this.value = next
    this.host.requestUpdate()
  }
}
