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

/** A group's family of the name. */
interface Slot {
  family: StoredFamily;
  isGone: boolean;
}

/** One metric in the order of a scrape. */
interface Row {
  readonly slot: Slot;
  readonly at: number;
  readonly key: string;
}

/** All groups' families of one name. */
export class SharedFamily {
  readonly name: string;
  readonly #slots = new Map<string, Slot>();
  /** Number of groups by the type that they pushed; several types only if pushes are not checked. */
  readonly #types = new Map<number, number>();
  #rows: Row[] = [];
  /** Slots whose metrics are not among the rows yet. */
  #added: Slot[] = [];
  #hasGone = false;
  /** Computed at the first use, if groups have several types. */
  #sharedType: number | undefined;
  #text: { readonly help: string | undefined; readonly text: string } | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return this.#slots.size === 0;
  }

  /**
   * The type of the first group, or undefined if no group has a metric of the name. If groups differ, the first type of
   * which every metric has a value: in protobuf a metric may contain another value than its family's type. The original
   * uses the type of a random group, and fails the scrape if it does not fit all.
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

  /** True if any group has a name or label here that is not a classic name. */
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
    if (old !== undefined) this.#hasGone = old.isGone = true;
    const slot = { family, isGone: false };
    this.#slots.set(group, slot);
    this.#added.push(slot);
  }

  remove(group: string): void {
    const slot = this.#slots.get(group);
    if (slot === undefined) return;
    this.#slots.delete(group);
    this.#count(slot.family, -1);
    this.#hasGone = slot.isGone = true;
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

  /** Returns a metric that has no value of the type, if groups have different types. */
  oddOneOut(): MetricParts | undefined {
    if (this.#types.size < 2) return undefined;
    const type = this.type!;
    const others = this.families.filter((family) => family.type !== type);
    return others.flatMap(storedMetrics).find(({ value }) => !hasValueOf(type, value));
  }

  /** Returns the reason why a scrape with one of the families must fail. */
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
   * Returns metrics in the order of a scrape. Those that stayed are already in order, which the sort finds in one pass.
   */
  #ordered(): readonly Row[] {
    if (this.#hasGone) this.#rows = this.#rows.filter(({ slot }) => !slot.isGone);
    for (const slot of this.#added) {
      if (slot.isGone) continue;
      storedMetrics(slot.family).forEach((metric, at) => this.#rows.push({ slot, at, key: sortKey(metric) }));
    }
    if (this.#added.length > 0) this.#rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    this.#added = [];
    this.#hasGone = false;
    return this.#rows;
  }

  /** Returns the families in the text format, one character per byte; names unchanged, or escaped with underscores. */
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

  /** Returns the sorted metrics as protobuf, one character per byte. */
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
