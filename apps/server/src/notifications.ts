import type { Clock } from "@narthex/runtime";

/** A notice for people at the UI: something about the server itself they should know. */
export interface Notification {
  readonly text: string;
  /** RFC3339. */
  readonly date: string;
  readonly active: boolean;
}

export const NOTICE = {
  reloadFailed: "Configuration reload has failed.",
  starting: "Prometheus is starting and replaying the write-ahead log (WAL).",
  stopping: "Prometheus is shutting down and gracefully stopping all operations.",
} as const;

type Listener = (notification: Notification) => void;

/** The notices in force, and who wants to hear of changes. */
export class Notifications {
  readonly #active = new Map<string, Notification>();
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

  list(): readonly Notification[] {
    return [...this.#active.values()];
  }

  add(text: string): void {
    const notification = { text, date: new Date(this.#clock.now()).toISOString(), active: true };
    this.#active.set(text, notification);
    this.#tell(notification);
  }

  remove(text: string): void {
    const notification = this.#active.get(text);
    if (notification === undefined) return;
    this.#active.delete(text);
    this.#tell({ ...notification, active: false });
  }

  /** Hears of every change from now on; undefined when too many listen already. */
  listen(listener: Listener): (() => void) | undefined {
    if (this.#listeners.size >= this.#maxListeners) return undefined;
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(notification: Notification): void {
    for (const listener of this.#listeners) {
      this.sent++;
      listener(notification);
    }
  }
}
