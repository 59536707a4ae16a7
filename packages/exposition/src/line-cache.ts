import { ByteMap } from "@narthex/bytes";
import type { SeriesPredictor } from "./entries.ts";

const FIRST = -1;

/**
 * Recognises series by the bytes that name them and guesses the next one from the order of the last exposition. Gives
 * each series a number; what is known of it lives in the owner's columns.
 *
 * ```ts
 * const cache = new LineCache();
 * const reader = new TextReader(body, cache);
 * cache.begin();
 * reader.next();
 * const series = cache.take(reader);   // a number, new when it equals the size before
 * ```
 */
export class LineCache implements SeriesPredictor {
  readonly #keys = new ByteMap();
  /** What followed each series last time; number + 1, 0 where unknown. */
  #successors = new Uint32Array(64);
  #first = 0;
  #previous = FIRST;
  #guess = -1;

  /** Number of series known. */
  get size(): number {
    return this.#keys.size;
  }

  /** A new exposition starts. */
  begin(): void {
    this.#previous = FIRST;
  }

  predict(bytes: Uint8Array, at: number): number {
    const guess = (this.#previous === FIRST ? this.#first : this.#successors[this.#previous]!) - 1;
    if (guess < 0) return -1;
    this.#guess = guess;
    return this.#keys.matchAt(guess, bytes, at);
  }

  /** The number of the reader's series; an unknown one is numbered `size`, which then grows. */
  take(series: {
    readonly predicted: boolean;
    readonly seriesBytes: Uint8Array;
    readonly seriesStart: number;
    readonly seriesEnd: number;
  }): number {
    const index = series.predicted
      ? this.#guess
      : this.#keys.add(series.seriesBytes, series.seriesStart, series.seriesEnd);
    if (index >= this.#successors.length) {
      const grown = new Uint32Array(this.#successors.length * 2);
      grown.set(this.#successors);
      this.#successors = grown;
    }
    if (this.#previous === FIRST) this.#first = index + 1;
    else this.#successors[this.#previous] = index + 1;
    this.#previous = index;
    return index;
  }

  /** Forgets the series `keep` refuses; see ByteMap.compact(). Not between begin() and the exposition's end. */
  compact(keep: (index: number) => boolean, moved: (from: number, to: number) => void): void {
    const numbers = new Uint32Array(this.#keys.size);
    this.#keys.compact(keep, (from, to) => {
      numbers[from] = to + 1;
      this.#successors[to] = this.#successors[from]!;
      moved(from, to);
    });
    const renumbered = (link: number): number => (link === 0 ? 0 : numbers[link - 1]!);
    for (let i = 0; i < this.#keys.size; i++) this.#successors[i] = renumbered(this.#successors[i]!);
    this.#successors.fill(0, this.#keys.size);
    this.#first = renumbered(this.#first);
    this.#previous = FIRST;
  }
}
