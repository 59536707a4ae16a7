import type { Clock } from "./clock.ts";
import { exposeGc } from "./expose-gc.ts";
import { anonymousBytes } from "./process-memory/anonymous-bytes.ts";
import { returnFreedMemory, returnProgramPages } from "./process-memory/return-memory.ts";

/** Time without work after which a process is idle, ms. */
const IDLE_MS = 2000;
/** Minimum time between two collections in ms, so that requests every few seconds do not stop the process each time. */
const PAUSE_MS = 30_000;
/**
 * Maximum time in ms between two collections of a little memory. The time doubles after each of them, because the memory
 * that an idle process uses for scrapes and timers is used again soon.
 */
const MAX_PAUSE_MS = 8 * 60_000;
/**
 * Minimum growth of the memory for a collection. A smaller growth does not justify stopping the process for a tenth of
 * a second.
 */
const MIN_GROWTH_BYTES = 6 * 2 ** 20;
/** Growth of the memory below which a collection is one of a little memory. */
const LITTLE_BYTES = 16 * 2 ** 20;
/**
 * Growth of the memory after which garbage is collected soon, for example after a long listing or a large body. The
 * collection is short compared with such a request.
 */
const MUCH_BYTES = 64 * 2 ** 20;
const IDLE_AFTER_MUCH_MS = 200;
const PAUSE_AFTER_MUCH_MS = 1000;

export interface IdleCollectorOptions {
  readonly clock: Clock;
  readonly release?: () => void;
  /**
   * Collects garbage, and then returns free memory to the system. With `all`, returns as much memory as possible;
   * otherwise only the memory that one collection frees, which takes less than half of the processor time.
   */
  readonly collect?: (all: boolean) => Promise<void>;
  /** Returns the number of bytes of memory that belong to the process alone, without mapped files. */
  readonly ownBytes?: () => number;
}

/**
 * Returns memory to the system when a process is idle. V8 collects only during allocations, so without requests it
 * would keep the memory of the start or of a burst of requests.
 */
export class IdleCollector {
  readonly #clock: Clock;
  readonly #release: () => void;
  readonly #collect: (all: boolean) => Promise<void>;
  readonly #ownBytes: () => number;
  #workedAt = 0;
  #collectedAt = Number.NEGATIVE_INFINITY;
  /** Minimum time between the last collection and one of a little memory, ms. */
  #pauseMs = PAUSE_MS;
  /** Memory of the process after the last collection. */
  #collectedBytes = 0;
  #cancel: (() => void) | undefined;
  /** Time of the monotonic clock at which the timer fires, ms. */
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

  /** Records that work was done, and starts a timer that checks whether the process is idle. */
  noteWork(): void {
    this.#workedAt = this.#clock.monotonic();
    // The timer must fire within this time. If it fired later, a large growth of the memory would be noticed too late.
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
      const isLittle = growth < LITTLE_BYTES;
      const idleAt = this.#workedAt + (isMuch ? IDLE_AFTER_MUCH_MS : IDLE_MS);
      const pauseMs = isMuch ? PAUSE_AFTER_MUCH_MS : isLittle ? this.#pauseMs : PAUSE_MS;
      const rest = Math.max(idleAt, this.#collectedAt + pauseMs) - now;
      if (rest > 0) {
        this.#wait(rest);
        return;
      }
      this.#cancel = undefined;
      if (growth < MIN_GROWTH_BYTES) return;
      // The code and data of a start and of large work are not needed again, but those of scrapes are.
      const isAll = !isMuch && (!isLittle || this.#pauseMs === PAUSE_MS);
      this.#collectedAt = now;
      this.#pauseMs = isLittle ? Math.min(2 * this.#pauseMs, MAX_PAUSE_MS) : PAUSE_MS;
      this.#release();
      const note = (): void => void (this.#collectedBytes = this.#ownBytes());
      // Starts only one collection, because a collection takes long if there are many live objects.
      void this.#collect(isAll).then(note, note);
    });
  }
}

/** Runs V8's garbage collector, if it is available. With `all`, V8 also drops its own caches. */
export async function collectGarbage(all: boolean): Promise<void> {
  await exposeGc()?.({ type: "major", execution: "async", flavor: all ? "last-resort" : "regular" });
}

/**
 * Collects garbage, then returns malloc's free buffers to the system, and with `all` the pages of Node's program. Call
 * this only on the main thread: if another thread is idle, the process may still be busy.
 */
async function collectAndShrink(all: boolean): Promise<void> {
  await collectGarbage(all);
  await returnFreedMemory();
  if (all) await returnProgramPages();
}
