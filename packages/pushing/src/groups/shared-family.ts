import { type EscapingScheme } from "@narthex/exposition";
import { metricFault } from "../metrics/metric-fault.ts";
import { familyHead, type MetricParts, metricLines } from "../metrics/metric-text.ts";
import {
  byteText,
  hasSameMetrics,
  metricCount,
  sortKey,
  type StoredFamily,
  storedMetrics,
  textAt,
  wireAt,
} from "../metrics/stored-family.ts";
import { hasValueOf } from "../metrics/metric-value.ts";

/** The metrics with this name in one group. */
interface Slot {
  family: StoredFamily;
  isRemoved: boolean;
}

/** One metric with its position in the order of scrapes. */
interface Row {
  readonly slot: Slot;
  readonly at: number;
  readonly key: string;
}

/** The metrics with one name in all groups. */
export class SharedFamily {
  readonly name: string;
  readonly #slots = new Map<string, Slot>();
  /** Number of groups in which the metrics have each type. The types differ only if pushes are not checked. */
  readonly #types = new Map<number, number>();
  #rows: Row[] = [];
  /** Metrics of groups that are not in `#rows` yet. */
  #added: Slot[] = [];
  #hasGone = false;
  /** Cached value of `type` if groups have different types. Undefined until it is first used. */
  #sharedType: number | undefined;
  #text: { readonly help: string | undefined; readonly text: string } | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return this.#slots.size === 0;
  }

  /**
   * Type of the metrics in scrapes, or undefined if no group has one. If groups differ, the first type for which every
   * metric has a value is used, or else the first type. A protobuf body may contain metrics without a value of their
   * declared type. Pushgateway uses the type of a random group, and fails the scrape if that type does not fit all
   * metrics.
   */
  get type(): number | undefined {
    if (this.#types.size < 2) return this.#types.keys().next().value;
    return (this.#sharedType ??= this.#typeOfAll() ?? this.#types.keys().next().value);
  }

  #typeOfAll(): number | undefined {
    const metrics = this.metrics();
    return [...this.#types.keys()].find((type) => metrics.every(({ value }) => hasValueOf(type, value)));
  }

  get help(): string | undefined {
    for (const { family } of this.#slots.values()) if (family.help !== undefined) return family.help;
    return undefined;
  }

  get families(): StoredFamily[] {
    return [...this.#slots.values()].map(({ family }) => family);
  }

  /** True if any metric or label name is not a classic name (letters, digits, underscore, colon). */
  get isOdd(): boolean {
    for (const { family } of this.#slots.values()) if (family.isOdd) return true;
    return false;
  }

  put(group: string, family: StoredFamily): void {
    const old = this.#slots.get(group);
    if (old !== undefined) this.#count(old.family, -1);
    this.#count(family, 1);
    this.#text = undefined;
    if (old !== undefined && hasSameMetrics(old.family, family)) {
      old.family = family;
      return;
    }
    if (old !== undefined) this.#hasGone = old.isRemoved = true;
    const slot = { family, isRemoved: false };
    this.#slots.set(group, slot);
    this.#added.push(slot);
  }

  remove(group: string): void {
    const slot = this.#slots.get(group);
    if (slot === undefined) return;
    this.#slots.delete(group);
    this.#count(slot.family, -1);
    this.#hasGone = slot.isRemoved = true;
    this.#text = undefined;
  }

  #count(family: StoredFamily, change: number): void {
    this.#sharedType = undefined;
    if (metricCount(family) === 0) return;
    const left = (this.#types.get(family.type) ?? 0) + change;
    if (left > 0) this.#types.set(family.type, left);
    else this.#types.delete(family.type);
  }

  typeElsewhere(group: string): number | undefined {
    for (const [key, { family }] of this.#slots) if (key !== group && metricCount(family) > 0) return family.type;
    return undefined;
  }

  /**
   * Returns a metric without a value of the common type, or undefined. Only groups with different types can have one.
   */
  oddOneOut(): MetricParts | undefined {
    if (this.#types.size < 2) return undefined;
    const type = this.type!;
    const others = this.families.filter((family) => family.type !== type);
    return others.flatMap(storedMetrics).find(({ value }) => !hasValueOf(type, value));
  }

  /** Returns the reason why the metrics of a group make a scrape fail, or undefined. */
  faultOf(family: StoredFamily): string | undefined {
    const { type } = this;
    if (type === undefined || type === family.type) return family.fault;
    for (const metric of storedMetrics(family)) {
      const fault = metricFault(this.name, type, metric);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /**
   * Returns all metrics in the order of a scrape. The metrics of the previous call are already sorted, so only new
   * metrics must be sorted.
   */
  #ordered(): readonly Row[] {
    if (this.#hasGone) this.#rows = this.#rows.filter(({ slot }) => !slot.isRemoved);
    for (const slot of this.#added) {
      if (slot.isRemoved) continue;
      storedMetrics(slot.family).forEach((metric, at) => this.#rows.push({ slot, at, key: sortKey(metric) }));
    }
    if (this.#added.length > 0) this.#rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.#added = [];
    this.#hasGone = false;
    return this.#rows;
  }

  /**
   * Returns the metrics in Prometheus' text format, as a string with one character for each byte. Names are escaped by
   * the scheme.
   */
  text(help: string | undefined, scheme: EscapingScheme): string {
    const isKept = (scheme === "underscores" || !this.isOdd) && this.#types.size < 2;
    if (!isKept) return this.#escapedText(help, scheme);
    if (this.#text === undefined || this.#text.help !== help) {
      const lines = this.#ordered().map(({ slot, at }) => textAt(slot.family, at));
      const head = byteText(familyHead(this.name, help, this.type!, "underscores"));
      this.#text = { help, text: head + lines.join("") };
    }
    return this.#text.text;
  }

  #escapedText(help: string | undefined, scheme: EscapingScheme): string {
    const type = this.type!;
    const lines = this.metrics().map((metric) => metricLines(this.name, type, metric, scheme));
    return byteText(familyHead(this.name, help, type, scheme) + lines.join(""));
  }

  /** Returns the sorted metrics as protobuf, in a string with one character for each byte. */
  wire(): string {
    return this.#ordered()
      .map(({ slot, at }) => wireAt(slot.family, at))
      .join("");
  }

  /** Returns the metrics in the order of a scrape. */
  metrics(): MetricParts[] {
    const read = new Map<Slot, MetricParts[]>();
    return this.#ordered().map(({ slot, at }) => {
      let metrics = read.get(slot);
      if (metrics === undefined) read.set(slot, (metrics = storedMetrics(slot.family)));
      return metrics[at]!;
    });
  }
}
