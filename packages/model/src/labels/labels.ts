import { compareBytewise, quote } from "../strings.ts";
import { isLegacyLabelName } from "./metric-name.ts";

/** Name of the label that contains a metric's name. */
export const METRIC_NAME = "__name__";

/**
 * Separator between the names and values in a key. A lone surrogate never occurs in valid UTF-8, so the separator is
 * never part of a name or value.
 */
const SEPARATOR = "\ud800";

/**
 * An immutable set of labels, sorted by name in byte order, without empty values (Prometheus treats an empty value as
 * an absent label). Two sets with the same content have the same `key`, which maps use.
 * ```ts
 * Labels.of({ __name__: "up", job: "node" }).toString(); // => '{__name__="up", job="node"}'
 * ```
 */
export class Labels {
  static readonly EMPTY: Labels = new Labels([]);

  /** Names and values alternately (name, value, name, value …), sorted by name. */
  readonly pairs: readonly string[];
  #key: string | undefined;

  private constructor(pairs: readonly string[]) {
    this.pairs = pairs;
  }

  /**
   * Creates labels from a record, or from entries in any order. Empty values are removed. If a name is repeated, the
   * last value is used.
   */
  static of(source: Readonly<Record<string, string>> | Iterable<readonly [string, string]>): Labels {
    const entries = Symbol.iterator in source ? source : Object.entries(source);
    const map = new Map<string, string>();
    for (const [name, value] of entries) map.set(name, value);
    const names = [...map.keys()].filter((name) => map.get(name) !== "");
    if (names.length === 0) return Labels.EMPTY;
    names.sort(compareBytewise);
    const pairs: string[] = [];
    for (const name of names) pairs.push(name, map.get(name)!);
    return new Labels(pairs);
  }

  /**
   * Creates labels from `pairs`, which must be sorted by name, without repeated names or empty values. The pairs are not checked. Intended for decoders, which produce such pairs.
   */
  static fromSortedPairs(pairs: readonly string[]): Labels {
    return pairs.length === 0 ? Labels.EMPTY : new Labels(pairs);
  }

  /** Number of labels. */
  get size(): number {
    return this.pairs.length / 2;
  }

  /** Text that is equal for equal label sets, for use as the key of a map. Not for display. */
  get key(): string {
    return (this.#key ??= this.pairs.join(SEPARATOR));
  }

  /** Returns the value of a label, or "" if it is absent. */
  get(name: string): string {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1]!;
    return "";
  }

  has(name: string): boolean {
    return this.get(name) !== "";
  }

  equals(other: Labels): boolean {
    return this === other || this.key === other.key;
  }

  /** Reports whether these are the same labels. Faster than equals() for two sets that were never keys of a map. */
  hasPairsOf({ pairs }: Labels): boolean {
    const own = this.pairs;
    if (own === pairs) return true;
    if (own.length !== pairs.length) return false;
    for (let i = own.length - 1; i >= 0; i--) if (own[i] !== pairs[i]) return false;
    return true;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let i = 0; i < this.pairs.length; i += 2) yield [this.pairs[i]!, this.pairs[i + 1]!];
  }

  names(): string[] {
    return this.pairs.filter((_, i) => i % 2 === 0);
  }

  /** Returns a copy of the label set with some labels set. An empty value removes the label. */
  with(changes: Readonly<Record<string, string>> | Iterable<readonly [string, string]>): Labels {
    const map = new Map<string, string>(this);
    const entries = Symbol.iterator in changes ? changes : Object.entries(changes);
    for (const [name, value] of entries) map.set(name, value);
    return Labels.of(map);
  }

  /** Returns these labels together with the labels of `defaults` whose names this label set does not have. */
  filledFrom(defaults: Labels): Labels {
    const [own, others] = [this.pairs, defaults.pairs];
    const pairs: string[] = [];
    let [at, other] = [0, 0];
    while (at < own.length && other < others.length) {
      const order = compareBytewise(own[at]!, others[other]!);
      if (order <= 0) {
        pairs.push(own[at]!, own[at + 1]!);
        at += 2;
        if (order === 0) other += 2;
      } else {
        pairs.push(others[other]!, others[other + 1]!);
        other += 2;
      }
    }
    for (; at < own.length; at += 2) pairs.push(own[at]!, own[at + 1]!);
    for (; other < others.length; other += 2) pairs.push(others[other]!, others[other + 1]!);
    return pairs.length === own.length ? this : Labels.fromSortedPairs(pairs);
  }

  /** Returns the labels for which `keep` returns true. */
  filter(keep: (name: string, value: string) => boolean): Labels {
    const pairs: string[] = [];
    for (let i = 0; i < this.pairs.length; i += 2) {
      if (keep(this.pairs[i]!, this.pairs[i + 1]!)) pairs.push(this.pairs[i]!, this.pairs[i + 1]!);
    }
    if (pairs.length === this.pairs.length) return this;
    return Labels.fromSortedPairs(pairs);
  }

  without(...names: readonly string[]): Labels {
    return this.filter((name) => !names.includes(name));
  }

  only(...names: readonly string[]): Labels {
    return this.filter((name) => names.includes(name));
  }

  /** Returns the labels as a plain object in label order, for JSON. */
  toRecord(): Record<string, string> {
    const record: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const [name, value] of this) record[name] = value;
    return record;
  }

  /** Formats labels like Prometheus: `{a="b", c="d"}`. Names that are not plain identifiers are quoted. */
  toString(): string {
    return formatLabels(this);
  }
}

/** Formats labels like Prometheus, in the given order, including repeated names. */
export function formatLabels(labels: Iterable<readonly [string, string]>): string {
  const printed = Array.from(
    labels,
    ([name, value]) => `${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`,
  );
  return `{${printed.join(", ")}}`;
}

/**
 * Compares two label sets in Prometheus' order: by first name, first value, second name and so on. If one label set is
 * the beginning of the other, the shorter one is first.
 */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.pairs.length, b.pairs.length);
  for (let i = 0; i < length; i++) {
    const order = compareBytewise(a.pairs[i]!, b.pairs[i]!);
    if (order !== 0) return order;
  }
  return a.pairs.length - b.pairs.length;
}
