import { Labels, matchesAll, Matcher } from "@narthex/model";
import type { BlockSeriesSource, EncodedChunk } from "../block/block-source.ts";
import type { PlainMatcher, SeriesOfRule } from "../block/meta.ts";

const compiled = (matchers: readonly PlainMatcher[]): readonly Matcher[] =>
  matchers.map(({ type, name, value }) => new Matcher(type, name, value));

/** Block source that filters another source: it passes only the series of a downsampling rule. */
export class RuleSeries implements BlockSeriesSource {
  readonly #source: BlockSeriesSource;
  readonly #matchers: readonly Matcher[];
  readonly #notOf: readonly (readonly Matcher[])[];
  /** Decoded texts of symbols, by symbol number. */
  readonly #texts: (string | undefined)[] = [];
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(source: BlockSeriesSource, { matchers, notOf }: SeriesOfRule) {
    this.#source = source;
    this.#matchers = compiled(matchers);
    this.#notOf = notOf.map(compiled);
  }

  get symbols(): BlockSeriesSource["symbols"] {
    return this.#source.symbols;
  }

  get symbolsSorted(): boolean | undefined {
    return this.#source.symbolsSorted;
  }

  get labels(): Uint32Array {
    return this.#source.labels;
  }

  get labelCount(): number {
    return this.#source.labelCount;
  }

  get chunk(): EncodedChunk {
    return this.#source.chunk;
  }

  next(): boolean {
    while (this.#source.next()) if (this.#isOfRule()) return true;
    return false;
  }

  nextChunk(): boolean {
    return this.#source.nextChunk();
  }

  #isOfRule(): boolean {
    if (this.#matchers.length === 0 && this.#notOf.length === 0) return true;
    const { labels: numbers, labelCount } = this.#source;
    const labels = Labels.fromSortedPairs(Array.from(numbers.subarray(0, labelCount * 2), (i) => this.#textOf(i)));
    return matchesAll(this.#matchers, labels) && !this.#notOf.some((matchers) => matchesAll(matchers, labels));
  }

  #textOf(symbol: number): string {
    return (this.#texts[symbol] ??= this.#decoder.decode(this.#source.symbols.key(symbol)));
  }
}
