import type { Clock } from "./clock.ts";
import { exposeGc } from "./expose-gc.ts";

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
      void this.#collect().then(note, note);
    });
  }
}

/** V8's own collector, where it gives up what it keeps for later too; nothing where it is out of reach. */
async function collectAndShrink(): Promise<void> {
  await exposeGc()?.({ type: "major", execution: "async", flavor: "last-resort" });
}
