import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Collection } from "@narthex/store";

/** Pause between a change and its write, ms. */
const DELAY_MS = 2000;

export interface WriteBehindOptions {
  readonly collection: Collection;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Subject of log messages: "Keeping the history". */
  readonly subject: string;
}

/**
 * Writes changed entries after a delay, all in one transaction. After a kill the changes of the last moments may be
 * missing; only for information that is merely shown.
 */
export class WriteBehind {
  readonly #options: WriteBehindOptions;
  readonly #stateLog: StateLog;
  /** By key: how to write the entry, or undefined for its removal. */
  #waiting = new Map<string, { readonly value: () => string; readonly expiresAt: number } | undefined>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: WriteBehindOptions) {
    this.#options = options;
    this.#stateLog = logOnChange(options.logger, options.subject);
  }

  /** @param value called when the entry is written */
  put(key: string, value: () => string, expiresAt: number): void {
    this.#waiting.set(key, { value, expiresAt });
    this.#arm();
  }

  remove(key: string): void {
    this.#waiting.set(key, undefined);
    this.#arm();
  }

  /** Writes all waiting entries. */
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
      // The history must not use more and more memory: entries that could not be written are dropped.
      this.#stateLog.failed(error instanceof Error ? error.message : String(error));
    }
  }
}
