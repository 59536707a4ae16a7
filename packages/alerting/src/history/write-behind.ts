import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Collection } from "@narthex/store";

/** Time from a change until the change is written to the store, ms. */
const DELAY_MS = 2000;

export interface WriteBehindOptions {
  readonly collection: Collection;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name of the operation for log messages about failures, for example "Keeping the history". */
  readonly subject: string;
}

/**
 * Writes changed entries to the store after a delay, all in one transaction. If the process is killed, the changes of
 * the last two seconds are lost. Suitable only for data that is only displayed, such as a history.
 */
export class WriteBehind {
  readonly #options: WriteBehindOptions;
  readonly #stateLog: StateLog;
  /**
   * Changed entries that are not written yet, by key. A value is a function that returns the text to write, or
   * undefined to remove the entry.
   */
  #waiting = new Map<string, { readonly value: () => string; readonly expiresAt: number } | undefined>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: WriteBehindOptions) {
    this.#options = options;
    this.#stateLog = logOnChange(options.logger, options.subject);
  }

  /**
   * Writes an entry after the delay.
   * @param value returns the text to write; called only when the entry is written
   */
  put(key: string, value: () => string, expiresAt: number): void {
    this.#waiting.set(key, { value, expiresAt });
    this.#arm();
  }

  remove(key: string): void {
    this.#waiting.set(key, undefined);
    this.#arm();
  }

  /** Writes all waiting entries to the store. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    await this.#write();
  }

  #arm(): void {
    this.#cancelTimer ??= this.#options.clock.after(DELAY_MS, () => {
      this.#cancelTimer = undefined;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    const waiting = [...this.#waiting];
    this.#waiting = new Map();
    if (waiting.length === 0) return;
    const entries = waiting.flatMap(([key, entry]) =>
      entry === undefined ? [] : [{ key, value: entry.value(), expiresAt: entry.expiresAt }],
    );
    const removed = waiting.flatMap(([key, entry]) => (entry === undefined ? [key] : []));
    try {
      await this.#options.collection.change(entries, removed);
      this.#stateLog.succeeded();
    } catch (error) {
      // Discards entries that could not be written, because they would otherwise use more and more memory.
      this.#stateLog.failed(error instanceof Error ? error.message : String(error));
    }
  }
}
