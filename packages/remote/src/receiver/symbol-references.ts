import { ByteMap } from "@narthex/bytes";
import type { Clock } from "@narthex/runtime";
import { SeriesReferences } from "./series-references.ts";

/**
 * Number of known label texts per known series. The limit for texts is this number for each series, plus a fixed
 * number. If there are more texts, all texts and series are forgotten, because part of the texts belong to removed
 * series.
 */
const TEXTS_PER_SERIES = 32;
const SPARE_TEXTS = 10_000;

/**
 * Finds the storage's reference of a series in remote write 2.0. The labels in a message are indexes into a list of
 * texts that differs in each request. This class gives each text one number for all requests, and finds series by these
 * numbers.
 */
export class SymbolReferences {
  readonly #clock: Clock;
  #texts = new ByteMap();
  #series: SeriesReferences;
  #numbers = new Uint32Array(64);
  /** The bytes that identify the current series: the numbers of its label texts. */
  key = new Uint8Array(this.#numbers.buffer);

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#series = new SeriesReferences(clock);
  }

  get series(): SeriesReferences {
    return this.#series;
  }

  /** Begins a request. Numbers of texts are valid until the next request begins. */
  begin(): void {
    this.#series.begin();
    if (this.#texts.size <= SPARE_TEXTS + TEXTS_PER_SERIES * this.#series.size) return;
    this.#texts = new ByteMap();
    this.#series = new SeriesReferences(this.#clock);
  }

  numberOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#texts.add(bytes, start, end);
  }

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
