import type { FamilySample, MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import type { MetricSpec } from "../metric.ts";
import { LABELLED_METRICS, PLAIN_METRICS } from "./container-metrics.ts";
import { type Identity, STANDING_LABELS } from "./identity.ts";
import { LABELLED_KEYS, PLAIN_KEYS, type Reading } from "./reading.ts";

/** One group with what was read of it. */
export interface NamedReading {
  readonly identity: Identity;
  readonly reading: Reading;
}

/** A group with its label pairs laid out as all series of this scrape have them. */
interface Row {
  readonly values: readonly string[];
  readonly pairs: readonly string[];
  readonly reading: Reading;
}

/**
 * The families of all groups, series in a Go client's order. Every series has the same label names; what a group lacks
 * is empty.
 */
export function containerFamilies(groups: readonly NamedReading[]): MetricFamily[] {
  const names = labelNames(groups);
  const rows = groups.map(({ identity, reading }) => rowOf(names, identity, reading)).toSorted(compareRows);
  const families: MetricFamily[] = [];
  PLAIN_KEYS.forEach((key, at) => add(families, PLAIN_METRICS[key], plainSamples(rows, at)));
  const order = new SeriesOrder(names, rows);
  LABELLED_KEYS.forEach((key, at) => {
    const metric = LABELLED_METRICS[key];
    add(families, metric, labelledSamples(rows, at, order.mergeWith(metric.labels)));
  });
  return families.toSorted((a, b) => compareBytewise(a.name, b.name));
}

function add(families: MetricFamily[], { name, type, help }: MetricSpec, samples: readonly FamilySample[]): void {
  if (samples.length > 0) families.push({ name, type, help, samples });
}

function labelNames(groups: readonly NamedReading[]): readonly string[] {
  const names = new Set(STANDING_LABELS);
  for (const { identity } of groups) for (const name of identity.keys()) names.add(name);
  return [...names].toSorted(compareBytewise);
}

function rowOf(names: readonly string[], identity: Identity, reading: Reading): Row {
  const values = names.map((name) => identity.get(name) ?? "");
  return { values, pairs: names.flatMap((name, i) => [name, values[i]!]), reading };
}

function compareRows(a: Row, b: Row): number {
  for (let i = 0; i < a.values.length; i++) {
    const order = compareBytewise(a.values[i]!, b.values[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function plainSamples(rows: readonly Row[], at: number): FamilySample[] {
  const samples: FamilySample[] = [];
  for (const { pairs, reading } of rows) {
    const value = reading.plain[at]!;
    if (!Number.isNaN(value)) samples.push({ suffix: "", labels: pairs, value });
  }
  return samples;
}

/** Where a metric's own labels stand among those of the groups. */
interface Merge {
  readonly names: readonly string[];
  /** Per merged name: position in a group's values, or -1 - position among the metric's own. */
  readonly sources: readonly number[];
  /** Own labels that stand before `id`, which is the first to tell any two groups apart. */
  readonly leading: number;
  /** Groups with the same number agree in all labels before `id`. */
  readonly runs: readonly number[];
}

/** What is worked out once for all labelled metrics of a scrape. */
class SeriesOrder {
  readonly #names: readonly string[];
  readonly #runs: readonly number[];

  constructor(names: readonly string[], rows: readonly Row[]) {
    this.#names = names;
    const first = names.indexOf("id");
    let run = 0;
    this.#runs = rows.map(({ values }, at) => {
      const before = rows[at - 1]?.values;
      if (before !== undefined && values.slice(0, first).some((value, i) => value !== before[i])) run++;
      return run;
    });
  }

  mergeWith(own: readonly string[]): Merge {
    const sources = [...this.#names.keys(), ...own.map((_, i) => -1 - i)];
    const nameAt = (source: number): string => (source >= 0 ? this.#names[source]! : own[-1 - source]!);
    const sorted = sources.toSorted((a, b) => compareBytewise(nameAt(a), nameAt(b)));
    const leading = own.filter((name) => compareBytewise(name, "id") < 0).length;
    return { names: sorted.map(nameAt), sources: sorted, leading, runs: this.#runs };
  }
}

interface Placed {
  readonly row: number;
  readonly own: readonly string[];
  readonly sample: FamilySample;
}

/**
 * Samples of one labelled metric. Rows are in order already, so that two series are compared by their run, by the own
 * labels before `id`, by their rows, and by the own labels behind it.
 */
function labelledSamples(rows: readonly Row[], at: number, merge: Merge): readonly FamilySample[] {
  const placed: Placed[] = [];
  rows.forEach(({ values, reading }, row) => {
    for (const { labels: own, value } of reading.labelled(at)) {
      const labels: string[] = [];
      for (let i = 0; i < merge.sources.length; i++) {
        const source = merge.sources[i]!;
        labels.push(merge.names[i]!, source >= 0 ? values[source]! : own[-1 - source]!);
      }
      placed.push({ row, own, sample: { suffix: "", labels, value } });
    }
  });
  placed.sort(
    (a, b) =>
      merge.runs[a.row]! - merge.runs[b.row]! ||
      compareOwn(a.own, b.own, 0, merge.leading) ||
      a.row - b.row ||
      compareOwn(a.own, b.own, merge.leading, a.own.length),
  );
  return placed.map(({ sample }) => sample);
}

function compareOwn(a: readonly string[], b: readonly string[], from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const order = compareBytewise(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
