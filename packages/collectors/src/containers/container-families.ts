import type { FamilySample, MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import { sortedInSteps, type Steps } from "@narthex/runtime";
import type { MetricSpec } from "../metric.ts";
import { LABELLED_METRICS, PLAIN_METRICS } from "./container-metrics.ts";
import { type Identity, BASE_LABELS } from "./identity.ts";
import { LABELLED_KEYS, PLAIN_KEYS, type Reading } from "./reading.ts";

/** Number of samples that are built between two yields. */
const SAMPLES_A_STEP = 1024;

/** A control group with its labels and its values in this scrape. */
export interface NamedReading {
  readonly identity: Identity;
  readonly reading: Reading;
}

interface SeriesLabels {
  /** Labels of the metric itself, without the labels of the container. */
  readonly own: readonly string[];
  readonly pairs: readonly string[];
}

/** Labels of the series of one control group. The same object is used as long as the labels do not change. */
interface RowLabels {
  /** Names of all labels in the scrape. */
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly pairs: readonly string[];
  /** Labels of the series of metrics with own labels, by metric and position. */
  readonly labelled: SeriesLabels[][];
}

interface Row {
  readonly labels: RowLabels;
  readonly reading: Reading;
}

/**
 * Builds metric families from control groups. The series are in the order of Prometheus' Go client. All series have the
 * same label names; the value of a label that a group lacks is empty. Unchanged label arrays are reused in each scrape,
 * so that the output layout is reused too.
 */
export class ContainerFamilies {
  #names: readonly string[] = [];
  readonly #labels = new WeakMap<Identity, RowLabels>();

  *building(groups: readonly NamedReading[]): Steps<MetricFamily[]> {
    const names = labelNames(groups);
    if (names.join() !== this.#names.join()) this.#names = names;
    const unsorted: Row[] = [];
    for (const group of groups) {
      yield;
      unsorted.push(this.#rowOf(group));
    }
    const rows = yield* sortedInSteps(unsorted, compareRows);
    const families: MetricFamily[] = [];
    for (const [at, key] of PLAIN_KEYS.entries()) {
      yield;
      add(families, PLAIN_METRICS[key], plainSamples(rows, at));
    }
    const order = new SeriesOrder(this.#names, rows);
    for (const [at, key] of LABELLED_KEYS.entries()) {
      yield;
      const metric = LABELLED_METRICS[key];
      add(families, metric, yield* labelledSamples(rows, at, order.mergeWith(metric.labels)));
    }
    return families.toSorted((a, b) => compareBytewise(a.name, b.name));
  }

  #rowOf({ identity, reading }: NamedReading): Row {
    const names = this.#names;
    let labels = this.#labels.get(identity);
    if (labels?.names !== names) {
      const values = names.map((name) => identity.get(name) ?? "");
      labels = { names, values, pairs: names.flatMap((name, i) => [name, values[i]!]), labelled: [] };
      this.#labels.set(identity, labels);
    }
    return { labels, reading };
  }
}

function add(families: MetricFamily[], { name, type, help }: MetricSpec, samples: readonly FamilySample[]): void {
  if (samples.length > 0) families.push({ name, type, help, samples });
}

function labelNames(groups: readonly NamedReading[]): readonly string[] {
  const names = new Set(BASE_LABELS);
  for (const { identity } of groups) for (const name of identity.keys()) names.add(name);
  return [...names].toSorted(compareBytewise);
}

function compareRows({ labels: a }: Row, { labels: b }: Row): number {
  for (let i = 0; i < a.values.length; i++) {
    const order = compareBytewise(a.values[i]!, b.values[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

function plainSamples(rows: readonly Row[], at: number): FamilySample[] {
  const samples: FamilySample[] = [];
  for (const { labels, reading } of rows) {
    const value = reading.plain[at]!;
    if (!Number.isNaN(value)) samples.push({ suffix: "", labels: labels.pairs, value });
  }
  return samples;
}

/** Positions of a metric's own labels among the labels of the groups. */
interface Merge {
  readonly names: readonly string[];
  /** For each merged name: its position in a group's values, or -1 minus its position among the metric's own labels. */
  readonly sources: readonly number[];
  /** Number of the metric's own labels that sort before `id`, the first label that distinguishes any two groups. */
  readonly leading: number;
  /** One number for each group. Groups with equal numbers have equal labels before `id`. */
  readonly runs: readonly number[];
}

/** Sort orders that are computed once for all metrics with own labels in a scrape. */
class SeriesOrder {
  readonly #names: readonly string[];
  readonly #runs: readonly number[];

  constructor(names: readonly string[], rows: readonly Row[]) {
    this.#names = names;
    const first = names.indexOf("id");
    let run = 0;
    this.#runs = rows.map(({ labels: { values } }, at) => {
      const before = rows[at - 1]?.labels.values;
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

/** Returns the labels of one series, and reuses the labels of the last scrape if they are equal. */
function seriesLabels(row: RowLabels, at: number, place: number, own: readonly string[], merge: Merge): SeriesLabels {
  const known = (row.labelled[at] ??= []);
  const last = known[place];
  if (last !== undefined && own.every((text, i) => text === last.own[i])) return last;
  const pairs: string[] = [];
  for (const [i, source] of merge.sources.entries()) {
    pairs.push(merge.names[i]!, source >= 0 ? row.values[source]! : own[-1 - source]!);
  }
  return (known[place] = { own, pairs });
}

interface Placed {
  readonly row: number;
  readonly own: readonly string[];
  readonly sample: FamilySample;
}

/**
 * Returns the sorted samples of one metric with own labels. The rows are already sorted, so two series are compared by
 * run, own labels before `id`, row, and own labels after `id`.
 */
function* labelledSamples(rows: readonly Row[], at: number, merge: Merge): Steps<readonly FamilySample[]> {
  const placed: Placed[] = [];
  for (const [row, { labels, reading }] of rows.entries()) {
    for (const [place, { labels: given, value }] of reading.labelled(at).entries()) {
      if (placed.length % SAMPLES_A_STEP === SAMPLES_A_STEP - 1) yield;
      const { own, pairs } = seriesLabels(labels, at, place, given, merge);
      placed.push({ row, own, sample: { suffix: "", labels: pairs, value } });
    }
  }
  const compare = (a: Placed, b: Placed): number =>
    merge.runs[a.row]! - merge.runs[b.row]! ||
    compareOwn(a.own, b.own, 0, merge.leading) ||
    a.row - b.row ||
    compareOwn(a.own, b.own, merge.leading, a.own.length);
  const sorted = yield* sortedInSteps(placed, compare);
  return sorted.map(({ sample }) => sample);
}

function compareOwn(a: readonly string[], b: readonly string[], from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const order = compareBytewise(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
