import type { FamilySample, MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import { sortedInSteps, type Steps } from "@narthex/runtime";
import type { MetricSpec } from "../metric.ts";
import { LABELLED_METRICS, PLAIN_METRICS } from "./container-metrics.ts";
import { type Identity, BASE_LABELS } from "./identity.ts";
import { LABELLED_KEYS, PLAIN_KEYS, type Reading } from "./reading.ts";

const NO_ORDER: LastOrder = { series: [], samples: [] };

/** Number of samples that are built in one step, between two yields to other work. */
const SAMPLES_A_STEP = 1024;

/** A control group with its labels and its values in this scrape. */
export interface NamedReading {
  readonly identity: Identity;
  readonly reading: Reading;
}

/** A series of a metric that has labels of its own in addition to the control group's labels. */
interface LabelledSeries {
  /** Values of the metric's own labels. */
  readonly own: readonly string[];
  /** Index of the series' control group in the sorted list of groups. */
  row: number;
  readonly sample: Sample;
}

/** A sample whose value and time change in each scrape. */
interface Sample extends FamilySample {
  value: number;
  timestampMs: number | undefined;
}

/** Prefixes of metrics that describe a container. As in cAdvisor their samples have no time, unlike measured values. */
const TIMELESS = ["container_creation_time_", "container_start_time_", "container_spec_"];

const isTimeless = ({ name }: MetricSpec): boolean => TIMELESS.some((prefix) => name.startsWith(prefix));

/**
 * A control group with the samples of its series. The samples are reused in later scrapes as long as the labels do not
 * change.
 */
interface Row {
  /** Label names that all series of this scrape have. */
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly pairs: readonly string[];
  /** Samples of metrics without own labels, by metric. */
  readonly plain: Sample[];
  /** Series of metrics with own labels, by metric and position. */
  readonly labelled: LabelledSeries[][];
  reading: Reading;
}

/** Series of a metric in the previous scrape, and their samples in order. */
interface LastOrder {
  readonly series: readonly LabelledSeries[];
  readonly samples: readonly FamilySample[];
}

/**
 * Builds metric families from control groups. The series are in the order of Prometheus' Go client. All series have the
 * same label names; the value of a label that a group lacks is empty. Unchanged label arrays, samples and lists are
 * reused in later scrapes, so that the output layout can be reused and a scrape of thousands of groups leaves no
 * garbage. building() therefore changes the values of samples that it returned earlier.
 */
export class ContainerFamilies {
  #names: readonly string[] = [];
  readonly #rows = new WeakMap<Identity, Row>();
  /** Samples of metrics without own labels in the previous scrape, by metric. */
  readonly #plain: (readonly FamilySample[])[] = [];
  readonly #labelled: LastOrder[] = [];

  /** @param timeMs time of the samples, ms since 1970; undefined for samples without a time */
  *building(groups: readonly NamedReading[], timeMs?: number): Steps<MetricFamily[]> {
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
      const metric = PLAIN_METRICS[key];
      const time = isTimeless(metric) ? undefined : timeMs;
      add(families, metric, (this.#plain[at] = plainSamples(rows, at, this.#plain[at] ?? [], time)));
    }
    const order = new SeriesOrder(this.#names, rows);
    for (const [at, key] of LABELLED_KEYS.entries()) {
      yield;
      const metric = LABELLED_METRICS[key];
      const last = this.#labelled[at] ?? NO_ORDER;
      const ordered = yield* labelledSamples(rows, at, { ...order.mergeWith(metric.labels), timeMs }, last);
      this.#labelled[at] = ordered;
      add(families, metric, ordered.samples);
    }
    return families.toSorted((a, b) => compareBytewise(a.name, b.name));
  }

  #rowOf({ identity, reading }: NamedReading): Row {
    const names = this.#names;
    let row = this.#rows.get(identity);
    if (row?.names !== names) {
      const values = names.map((name) => identity.get(name) ?? "");
      const pairs = names.flatMap((name, i) => [name, values[i]!]);
      row = { names, values, pairs, plain: [], labelled: [], reading };
      this.#rows.set(identity, row);
    }
    row.reading = reading;
    return row;
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

function compareRows(a: Row, b: Row): number {
  for (let i = 0; i < a.values.length; i++) {
    const order = compareBytewise(a.values[i]!, b.values[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Returns the samples of a metric without own labels. Returns `last` if it contains the same samples. */
function plainSamples(
  rows: readonly Row[],
  at: number,
  last: readonly FamilySample[],
  timestampMs: number | undefined,
): readonly FamilySample[] {
  const samples = new ListLike(last);
  for (const { pairs, plain, reading } of rows) {
    const value = reading.plain[at]!;
    if (Number.isNaN(value)) continue;
    const sample = (plain[at] ??= { suffix: "", labels: pairs, value, timestampMs });
    sample.value = value;
    sample.timestampMs = timestampMs;
    samples.push(sample);
  }
  return samples.list;
}

/** A list that is copied only if it differs from a list of the previous scrape. */
class ListLike<T> {
  readonly #last: readonly T[];
  #own: T[] | undefined;
  length = 0;

  constructor(last: readonly T[]) {
    this.#last = last;
  }

  push(item: T): void {
    if (this.#own === undefined && this.#last[this.length] !== item) this.#own = this.#last.slice(0, this.length);
    this.#own?.push(item);
    this.length++;
  }

  get list(): readonly T[] {
    return this.#own ?? (this.length === this.#last.length ? this.#last : this.#last.slice(0, this.length));
  }
}

/** Describes how a metric's own labels are merged into the labels of the control groups. */
interface Merge {
  readonly names: readonly string[];
  /**
   * Source of each label of the output. A number from 0 on is a position in the control group's values; -1 - n means
   * position n in the metric's own labels.
   */
  readonly sources: readonly number[];
  /** Number of the metric's own labels that sort before `id`, the first label that differs between control groups. */
  readonly leading: number;
  /** One number for each control group. Groups with equal numbers have equal labels before `id`. */
  readonly runs: readonly number[];
}

interface TimedMerge extends Merge {
  /** Time of the metric's samples. */
  readonly timeMs: number | undefined;
}

/** Sort orders that are computed once per scrape for all metrics with own labels. */
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

/** Returns one series of a control group. Reuses the series of the previous scrape if its labels are equal. */
function seriesOf(group: Row, at: number, place: number, own: readonly string[], merge: Merge): LabelledSeries {
  const known = (group.labelled[at] ??= []);
  const last = known[place];
  if (last !== undefined && (own === last.own || own.every((text, i) => text === last.own[i]))) return last;
  const labels: string[] = [];
  for (const [i, source] of merge.sources.entries()) {
    labels.push(merge.names[i]!, source >= 0 ? group.values[source]! : own[-1 - source]!);
  }
  return (known[place] = { own, row: 0, sample: { suffix: "", labels, value: 0, timestampMs: undefined } });
}

/**
 * Returns the sorted samples of one metric with own labels. Returns `last` if it contains the same series. The rows are
 * already sorted, so two series are compared by run, own labels before `id`, row, and own labels after `id`.
 */
function* labelledSamples(rows: readonly Row[], at: number, merge: TimedMerge, last: LastOrder): Steps<LastOrder> {
  const placed = new ListLike(last.series);
  for (let row = 0; row < rows.length; row++) {
    const group = rows[row]!;
    const values = group.reading.labelled(at);
    for (let place = 0; place < values.length; place++) {
      if (placed.length % SAMPLES_A_STEP === SAMPLES_A_STEP - 1) yield;
      const { labels, value } = values[place]!;
      const series = seriesOf(group, at, place, labels, merge);
      series.row = row;
      series.sample.value = value;
      series.sample.timestampMs = merge.timeMs;
      placed.push(series);
    }
  }
  const series = placed.list;
  if (series === last.series) return last;
  const compare = (a: LabelledSeries, b: LabelledSeries): number =>
    merge.runs[a.row]! - merge.runs[b.row]! ||
    compareOwn(a.own, b.own, 0, merge.leading) ||
    a.row - b.row ||
    compareOwn(a.own, b.own, merge.leading, a.own.length);
  const sorted = yield* sortedInSteps(series, compare);
  return { series, samples: sorted.map(({ sample }) => sample) };
}

function compareOwn(a: readonly string[], b: readonly string[], from: number, to: number): number {
  for (let i = from; i < to; i++) {
    const order = compareBytewise(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
