import { ByteMap } from "@narthex/bytes";
import type { Clock } from "@narthex/runtime";
import { SeriesReferences } from "./series-references.ts";

/**
 * Maximum number of known texts per known series, plus a fixed number. If there are more, some texts belong to former
 * series.
 */
const TEXTS_PER_SERIES = 32;
const SPARE_TEXTS = 10_000;

/**
 * References of series by the numbers of their labels' texts. In messages with a symbol table, the number of a text
 * differs between requests. This class gives each text one number for all requests.
 */
export class SymbolReferences {
  readonly #clock: Clock;
  #texts = new ByteMap();
  #series: SeriesReferences;
  #numbers = new Uint32Array(64);
  /** The bytes of the current key. */
  key = new Uint8Array(this.#numbers.buffer);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#series = new SeriesReferences(clock);
  }

  get series(): SeriesReferences {
    return this.#series;
  }

  /** Begins a request. Numbers are valid until the next request begins. */
  begin(): void {
    this.#series.begin();
    if (this.#texts.size <= SPARE_TEXTS + TEXTS_PER_SERIES * this.#series.size) return;
    this.#texts = new ByteMap();
    this.#series = new SeriesReferences(this.#clock);
  }

  numberOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#texts.add(bytes, start, end);
  }

  /** Sets one number of the key. */
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
