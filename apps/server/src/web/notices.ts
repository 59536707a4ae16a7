import type { Clock } from "@narthex/runtime";

/** A message about the server itself that the UI shows. */
export interface Notice {
  readonly text: string;
  /** Time of the notice in RFC 3339. */
  readonly date: string;
  readonly active: boolean;
}

export const NOTICE = {
  reloadFailed: "Configuration reload has failed.",
  webConfigRefused: "The changed web configuration cannot be used.",
  starting: "Prometheus is starting and replaying the write-ahead log (WAL).",
  stopping: "Prometheus is shutting down and gracefully stopping all operations.",
} as const;

type Listener = (notification: Notice) => void;

export class Notices {
  readonly #active = new Map<string, Notice>();
  readonly #listeners = new Set<Listener>();
  readonly #clock: Clock;
  readonly #maxListeners: number;
  sent = 0;
  dropped = 0;

  constructor(clock: Clock, maxListeners: number) {
    this.#clock = clock;
    this.#maxListeners = maxListeners;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  list(): readonly Notice[] {
    return [...this.#active.values()];
  }

  add(text: string): void {
    const notification = { text, date: new Date(this.#clock.now()).toISOString(), active: true };
    this.#active.set(text, notification);
    this.#notify(notification);
  }

  remove(text: string): void {
    const notification = this.#active.get(text);
    if (notification === undefined) return;
    this.#active.delete(text);
    this.#notify({ ...notification, active: false });
  }

  /**
   * Calls `listener` at each change. Returns a function that removes the listener, or undefined if there are too many
   * listeners.
   */
  listen(listener: Listener): (() => void) | undefined {
    if (this.#listeners.size >= this.#maxListeners) return undefined;
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(notification: Notice): void {
    for (const listener of this.#listeners) {
      this.sent++;
      listener(notification);
    }
  }
}
