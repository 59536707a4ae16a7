import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "./clock.ts";

/** How long nothing has been done when a process counts as idle. */
const IDLE_MS = 2000;
/** A collection stops the process for a tenth of a second: less is not worth it. */
const MIN_GROWTH_BYTES = 6 * 2 ** 20;

export interface IdleCollectorOptions {
  readonly clock: Clock;
  /** Collects garbage, and hands what is free then back to the machine. */
  readonly collect?: () => Promise<void>;
  /** Bytes that the process takes of the machine's memory. */
  readonly residentBytes?: () => number;
}

/**
 * Hands memory back once a process has nothing to do. V8 collects when something is allocated: what a start or a burst of
 * requests has taken would stay taken for as long as nobody asks for anything.
 */
export class IdleCollector {
  readonly #clock: Clock;
  readonly #collect: () => Promise<void>;
  readonly #residentBytes: () => number;
  #workedAt = 0;
  #leastBytes = 0;
  #cancel: (() => void) | undefined;

  constructor({
    clock,
    collect = collectAndShrink,
    residentBytes = () => process.memoryUsage.rss(),
  }: IdleCollectorOptions) {
    this.#clock = clock;
    this.#collect = collect;
    this.#residentBytes = residentBytes;
  }

  /** Something has been done. While nothing is, no timer runs. */
  noteWork(): void {
    this.#workedAt = this.#clock.monotonic();
    if (this.#cancel === undefined) this.#wait(IDLE_MS);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      const rest = this.#workedAt + IDLE_MS - this.#clock.monotonic();
      if (rest > 0) {
        this.#wait(rest);
        return;
      }
      this.#cancel = undefined;
      if (this.#residentBytes() - this.#leastBytes < MIN_GROWTH_BYTES) return;
      void this.#collect().then(() => {
        this.#leastBytes = this.#residentBytes();
      });
    });
  }
}

type Gc = (options: {
  readonly type: "major";
  readonly execution: "async";
  readonly flavor: "last-resort";
}) => Promise<void>;

/** V8's own collector, which a flag shows, where it gives up what it keeps for later too. */
async function collectAndShrink(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as Gc;
  // Compiled code is kept for processes of the same flags: they are again what they were at the start.
  setFlagsFromString("--no-expose-gc");
  await gc({ type: "major", execution: "async", flavor: "last-resort" });
}
