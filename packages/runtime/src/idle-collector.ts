import type { Clock } from "./clock.ts";
import { exposeGc } from "./expose-gc.ts";
import { anonymousBytes } from "./process-memory/anonymous-bytes.ts";
import { returnFreedMemory, returnProgramPages } from "./process-memory/return-memory.ts";

/** How long nothing has been done when a process counts as idle. */
const IDLE_MS = 2000;
/** From one collection to the next: what is asked every few seconds must not stop the process each time. */
const PAUSE_MS = 30_000;
/** A collection stops the process for a tenth of a second: less is not worth it. */
const MIN_GROWTH_BYTES = 6 * 2 ** 20;
/** What a long listing or a large body leaves behind: it has cost far more time than its collection does, so that is soon. */
const MUCH_BYTES = 64 * 2 ** 20;
const IDLE_AFTER_MUCH_MS = 200;
const PAUSE_AFTER_MUCH_MS = 1000;

export interface IdleCollectorOptions {
  readonly clock: Clock;
  /** Gives up what was kept in case it is asked for again; called before each collection. */
  readonly release?: () => void;
  /** Collects garbage, and hands what is free then back to the machine: `all` of it, or what one collection finds. */
  readonly collect?: (all: boolean) => Promise<void>;
  /** Bytes of the machine's memory that are the process' own: not those that it maps of files. */
  readonly ownBytes?: () => number;
}

/**
 * Hands memory back once a process has nothing to do. V8 collects when something is allocated: what a start or a burst
 * of requests has taken would stay taken for as long as no one asks for anything.
 */
export class IdleCollector {
  readonly #clock: Clock;
  readonly #release: () => void;
  readonly #collect: (all: boolean) => Promise<void>;
  readonly #ownBytes: () => number;
  #workedAt = 0;
  #collectedAt = Number.NEGATIVE_INFINITY;
  /** What the process took after the last collection. */
  #collectedBytes = 0;
  #cancel: (() => void) | undefined;
  /** When the timer runs out. */
  #dueAt = 0;

  constructor({
    clock,
    release = () => {},
    collect = collectAndShrink,
    ownBytes = anonymousBytes,
  }: IdleCollectorOptions) {
    this.#clock = clock;
    this.#release = release;
    this.#collect = collect;
    this.#ownBytes = ownBytes;
  }

  /** Something has been done. Where nothing more is, the timer has run out after the pause. */
  noteWork(): void {
    this.#workedAt = this.#clock.monotonic();
    // A timer that is due later would see too late that it was much.
    if (this.#cancel === undefined || this.#dueAt > this.#workedAt + IDLE_AFTER_MUCH_MS) {
      this.#cancel?.();
      this.#wait(IDLE_AFTER_MUCH_MS);
    }
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(ms: number): void {
    this.#dueAt = this.#clock.monotonic() + ms;
    this.#cancel = this.#clock.after(ms, () => {
      const now = this.#clock.monotonic();
      const growth = this.#ownBytes() - this.#collectedBytes;
      const isMuch = growth >= MUCH_BYTES && this.#collectedBytes > 0;
      const idleAt = this.#workedAt + (isMuch ? IDLE_AFTER_MUCH_MS : IDLE_MS);
      const rest = Math.max(idleAt, this.#collectedAt + (isMuch ? PAUSE_AFTER_MUCH_MS : PAUSE_MS)) - now;
      if (rest > 0) {
        this.#wait(rest);
        return;
      }
      this.#cancel = undefined;
      if (growth < MIN_GROWTH_BYTES) return;
      this.#collectedAt = now;
      this.#release();
      const note = (): void => void (this.#collectedBytes = this.#ownBytes());
      // With much that is alive each collection takes long: that which follows a while later finds the rest.
      void this.#collect(!isMuch).then(note, note);
    });
  }
}

/** V8's own collector, where it gives up what it keeps for later too; nothing if it is out of reach. */
export async function collectGarbage(all: boolean): Promise<void> {
  await exposeGc()?.({ type: "major", execution: "async", flavor: all ? "last-resort" : "regular" });
}

/**
 * The same for a whole process. What buffers have freed in the middle of malloc's heaps follows, and at last the pages
 * of Node's program that all this has gone through. Other threads may be at work if one is idle: that is not for them.
 */
async function collectAndShrink(all: boolean): Promise<void> {
  await collectGarbage(all);
  await returnFreedMemory();
  await returnProgramPages();
}
