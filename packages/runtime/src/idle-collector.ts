import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "./clock.ts";

/** How long nothing has been done when a process counts as idle. */
const IDLE_MS = 2000;
/** From one collection to the next: what is asked every few seconds must not stop the process each time. */
const PAUSE_MS = 30_000;
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
  #collectedAt = Number.NEGATIVE_INFINITY;
  /** What the process took after the last collection. */
  #collectedBytes = 0;
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

  /** Something has been done. Where nothing more is, the timer has run out after the pause. */
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
      const now = this.#clock.monotonic();
      const rest = Math.max(this.#workedAt + IDLE_MS, this.#collectedAt + PAUSE_MS) - now;
      if (rest > 0) {
        this.#wait(rest);
        return;
      }
      this.#cancel = undefined;
      if (this.#residentBytes() - this.#collectedBytes < MIN_GROWTH_BYTES) return;
      this.#collectedAt = now;
      const note = (): void => void (this.#collectedBytes = this.#residentBytes());
      // A V8 without its collector in reach goes on as it is.
      void this.#collect().then(note, note);
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
