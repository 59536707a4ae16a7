import type { Clock } from "@narthex/runtime";
import { Sweep } from "./sweep.ts";

/** Answers that serve nobody any more are gone so soon: nobody asks for those of past moments again. */
const SWEEP_MS = 10_000;

interface Kept<T> {
  readonly answer: T;
  readonly bytes: number;
  /** Monotonic ms. */
  readonly until: number;
}

/** Answers that serve whoever asks the same soon after; those used last stay when there is no room for all. */
export class SharedAnswers<T> {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #sweep: Sweep;
  /** The one used last at the end. */
  readonly #kept = new Map<string, Kept<T>>();
  #bytes = 0;
  #used = 0;

  /** @param maxBytes all answers together take no more, keys included */
  constructor(clock: Clock, maxBytes: number) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#sweep = new Sweep(clock, SWEEP_MS, () => this.#dropStale());
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How many askers took an answer that was there. */
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

  /** @param freshMs how long it may serve others */
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

  /** Whether any are left. */
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
