import { Labels } from "@narthex/model";
import type { LabelSets } from "@narthex/storage";
import type { HeadMemory } from "../memory/head-memory.ts";
import { SequenceInterner } from "./sequence-interner.ts";

/** Number of label pairs up to which a map finds the numbers of the pairs. For few pairs, a map is smaller than a table. */
const FEW_PAIRS = 2048;
/** Number of different label pairs for which memory is reserved at first, and the bytes for the value of each. */
const FIRST_PAIRS = 256;
const FIRST_BYTES = 16;

/** Groups of the selected series. Series with equal values of the kept label names are in one group. */
interface Grouping {
  /** Whether the grouping keeps a label name, by the number of the name: 1 if the name is kept, otherwise 0. */
  readonly kept: Uint8Array;
  readonly groups: Uint32Array;
}

/**
 * The labels of selected series, as numbers of label pairs and the bytes of their values. This copy takes a tenth of
 * the time of creating label sets. The copy stays correct if the head removes labels.
 */
export class SelectionLabels implements LabelSets {
  readonly count: number;
  /** Index in #pairs after the label pairs of each series. */
  readonly #ends: Uint32Array;
  /**
   * Label pairs of each series, one series after the other. A pair has a number that only this object uses, because the
   * head may reuse its own numbers.
   */
  readonly #pairs: Uint32Array;
  readonly #names: string[] = [];
  /** Number of the name of each label pair. */
  #nameOf: Uint32Array<ArrayBuffer>;
  /** End of the bytes of each label pair's value. */
  #valueEnds: Uint32Array<ArrayBuffer>;
  /** Value of each label pair as text; undefined until the text is needed. */
  readonly #values: (string | undefined)[] = [];
  #bytes: Buffer<ArrayBuffer>;
  #pairCount = 0;
  /** The last grouping, which is cached because rules and dashboards repeat groupings. */
  #grouping: Grouping | undefined;

  constructor(memory: HeadMemory, rows: Uint32Array) {
    const { series } = memory;
    this.count = rows.length;
    this.#ends = new Uint32Array(rows.length);
    let total = 0;
    for (let i = 0; i < rows.length; i++) this.#ends[i] = total += series.at.labelCount[rows[i]!]!;
    this.#pairs = new Uint32Array(total);
    this.#nameOf = new Uint32Array(Math.min(FIRST_PAIRS, total));
    this.#valueEnds = new Uint32Array(Math.min(FIRST_PAIRS, total));
    this.#bytes = Buffer.alloc(FIRST_BYTES * Math.min(FIRST_PAIRS, total));
    const known = total > FEW_PAIRS ? new PairTable(memory.postings.name.length) : new Map<number, number>();
    const names = new Map<number, number>();
    let at = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      for (let label = 0; at < this.#ends[i]!; label++) {
        const pair = series.pairAt(row, label);
        let number = known.get(pair);
        if (number === undefined) known.set(pair, (number = this.#add(memory, pair, names)));
        this.#pairs[at++] = number;
      }
    }
  }

  #add({ postings, symbols }: HeadMemory, pair: number, names: Map<number, number>): number {
    const number = this.#pairCount++;
    if (number === this.#nameOf.length) {
      this.#nameOf = grown(this.#nameOf, number * 2);
      this.#valueEnds = grown(this.#valueEnds, number * 2);
    }
    const symbol = postings.name[pair]!;
    let name = names.get(symbol);
    if (name === undefined) {
      names.set(symbol, (name = names.size));
      this.#names.push(symbols.text(symbol));
    }
    this.#nameOf[number] = name;
    const value = postings.value[pair]!;
    const from = number === 0 ? 0 : this.#valueEnds[number - 1]!;
    const end = from + symbols.sizeOf(value);
    if (end > this.#bytes.length) {
      const bytes = Buffer.alloc(end * 2);
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    symbols.copyTo(value, this.#bytes, from);
    this.#valueEnds[number] = end;
    return number;
  }

  /** Size in memory in bytes, including a grouping, but without texts that were created on demand. */
  get bytes(): number {
    return 4 * (2 * this.count + this.#pairs.length) + 6 * this.#pairCount + this.#bytes.length;
  }

  at(index: number, keep?: (name: string) => boolean): Labels {
    const pairs: string[] = [];
    for (let at = this.#start(index); at < this.#ends[index]!; at++) {
      const pair = this.#pairs[at]!;
      const name = this.#names[this.#nameOf[pair]!]!;
      if (keep === undefined || keep(name)) pairs.push(name, this.#valueOf(pair));
    }
    return Labels.fromSortedPairs(pairs);
  }

  value(index: number, name: string): string {
    const wanted = this.#names.indexOf(name);
    for (let at = this.#start(index); at < this.#ends[index]!; at++) {
      const pair = this.#pairs[at]!;
      if (this.#nameOf[pair] === wanted) return this.#valueOf(pair);
    }
    return "";
  }

  group(keep: (name: string) => boolean): Uint32Array {
    const kept = Uint8Array.from(this.#names, (name) => (keep(name) ? 1 : 0));
    if (!kept.includes(1)) return new Uint32Array(this.count);
    const last = this.#grouping;
    if (last?.kept.every((isKept, name) => isKept === kept[name]) === true) return last.groups;
    const groups = this.#numbered(kept);
    this.#grouping = { kept, groups };
    return groups;
  }

  #numbered(kept: Uint8Array): Uint32Array {
    const numbers = new SequenceInterner();
    const groups = new Uint32Array(this.count);
    let at = 0;
    for (let index = 0; index < this.count; index++) {
      for (const end = this.#ends[index]!; at < end; at++) {
        const pair = this.#pairs[at]!;
        if (kept[this.#nameOf[pair]!] === 1) numbers.step(pair);
      }
      groups[index] = numbers.end();
    }
    return groups;
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #valueOf(pair: number): string {
    return (this.#values[pair] ??= this.#bytes.toString(
      "utf8",
      pair === 0 ? 0 : this.#valueEnds[pair - 1]!,
      this.#valueEnds[pair],
    ));
  }
}

/** Maps label pairs of the head to numbers. Faster than a map if there are many pairs. */
class PairTable {
  readonly #limit: number;
  /** The number of each pair, plus 1; 0 if the pair has no number yet. */
  #numbers = new Uint32Array(2 * FEW_PAIRS);

  /** @param limit number above all pairs */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(pair: number): number | undefined {
    const number = pair < this.#numbers.length ? this.#numbers[pair]! : 0;
    return number === 0 ? undefined : number - 1;
  }

  set(pair: number, number: number): void {
    if (pair >= this.#numbers.length) this.#numbers = grown(this.#numbers, Math.min(pair + 1, this.#limit) * 2);
    this.#numbers[pair] = number + 1;
  }
}

function grown(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(length);
  more.set(words);
  return more;
}
