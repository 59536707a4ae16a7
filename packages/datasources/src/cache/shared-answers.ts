import type { Clock } from "@narthex/runtime";
import { Sweep } from "./sweep.ts";

/**
 * Interval in ms at which expired answers are removed. Requests alone would not remove an answer for a range in the
 * past, because the same range is not requested again.
 */
const SWEEP_MS = 10_000;

interface Kept<T> {
  readonly answer: T;
  readonly bytes: number;
  /** Time at which the answer expires by the monotonic clock, ms. */
  readonly until: number;
}

/**
 * Caches answers for a short time, to share them between callers with the same request. If the cache is full, the least
 * recently used answer is evicted.
 */
export class SharedAnswers<T> {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #sweep: Sweep;
  /** The answers by key; the most recently used one is last. */
  readonly #kept = new Map<string, Kept<T>>();
  #bytes = 0;
  #used = 0;

  /** @param maxBytes largest size of all answers together, including their keys */
  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#sweep = new Sweep(clock, SWEEP_MS, () => this.#dropStale());
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of requests for which the cache had an answer. */
  get used(): number {
    return this.#used;
  }

  get(key: string): T | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (kept.until <= this.#clock.monotonic()) {
      this.#bytes -= kept.bytes;
      return undefined;
    }
    this.#kept.set(key, kept);
    this.#used++;
    return kept.answer;
  }

  /**
   * Stores an answer in the cache.
   * @param freshMs time for which other callers may use the answer
   */
  keep(key: string, answer: T, bytes: number, freshMs: number): void {
    this.#drop(key);
    const size = bytes + 2 * key.length + 256;
    if (size > this.#maxBytes || freshMs <= 0) return;
    this.#kept.set(key, { answer, bytes: size, until: this.#clock.monotonic() + freshMs });
    this.#bytes += size;
    this.#sweep.arm();
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#drop(oldest);
    }
  }

  /** Removes expired answers. Returns true if answers remain in the cache. */
  #dropStale(): boolean {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#kept) if (until <= now) this.#drop(key);
    return this.#kept.size > 0;
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= kept.bytes;
  }
}
