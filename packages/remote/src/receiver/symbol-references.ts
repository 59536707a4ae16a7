import { ByteMap } from "@narthex/bytes";
import type { Clock } from "@narthex/runtime";
import { SeriesReferences } from "./series-references.ts";

/** Texts that are kept beyond these per series belong to series of the past. */
const TEXTS_PER_SERIES = 32;
const SPARE_TEXTS = 10_000;

/**
 * References of series by the numbers of their labels' texts: messages with a symbol table number texts anew in each
 * request, this gives each text the same number in all of them.
 */
export class SymbolReferences {
  readonly #clock: Clock;
  #texts = new ByteMap();
  #series: SeriesReferences;
  #numbers = new Uint32Array(64);
  /** The bytes of the key that is being made. */
  key = new Uint8Array(this.#numbers.buffer);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#series = new SeriesReferences(clock);
  }

  get series(): SeriesReferences {
    return this.#series;
  }

  /** A request begins: numbers hold until the next one does. */
  begin(): void {
    this.#series.begin();
    if (this.#texts.size <= SPARE_TEXTS + TEXTS_PER_SERIES * this.#series.size) return;
    this.#texts = new ByteMap();
    this.#series = new SeriesReferences(this.#clock);
  }

  numberOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#texts.add(bytes, start, end);
  }

  /** Sets a number of the key. */
  setKey(at: number, number: number): void {
    if (at >= this.#numbers.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(this.#numbers);
      this.#numbers = grown;
      this.key = new Uint8Array(grown.buffer);
    }
    this.#numbers[at] = number;
  }
}
