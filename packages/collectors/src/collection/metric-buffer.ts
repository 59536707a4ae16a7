import type { FamilySample, MetricFamily, MetricType } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { MetricSpec } from "../metric.ts";

/** Number of lines of a family that are added between two yields to other work. */
const LINES_A_STEP = 512;

/** Name, type and help of a family. */
interface SeriesFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string | undefined;
}

/** The constant part of a sample line. Every scrape uses the same object as long as the collector emits the line. */
export interface Series {
  readonly family: SeriesFamily;
  /** Label names in the metric's order; undefined for a line of a family that was emitted as a whole. */
  readonly names: readonly string[] | undefined;
  /** Label values in the order in which the collector gave them. */
  readonly values: readonly string[];
  /** Labels as they are printed: name, value, name, value … */
  readonly pairs: readonly string[];
  /** Suffix after the family name; only for a line of a family that was emitted as a whole. */
  readonly suffix: string;
}

/** A family that a collector emitted as a whole, whose lines begin at `first`. */
export interface WholeFamily {
  readonly family: MetricFamily;
  readonly first: number;
  /** True if the series are already in the order of Prometheus' Go client. */
  readonly isOrdered: boolean;
}

const SORTED_LABELS = new WeakMap<readonly string[], readonly number[]>();

/** Returns the positions of the label names in byte order, computed once per metric. */
function labelOrder(names: readonly string[]): readonly number[] {
  let order = SORTED_LABELS.get(names);
  if (order === undefined) {
    order = names.map((_, i) => i).toSorted((a, b) => compareBytewise(names[a]!, names[b]!));
    SORTED_LABELS.set(names, order);
  }
  return order;
}

function pairsOf(names: readonly string[], values: readonly string[]): readonly string[] {
  const pairs: string[] = [];
  for (const i of labelOrder(names)) pairs.push(names[i]!, values[i] ?? "");
  return pairs;
}

/** Separator that cannot occur in a name or a label value. */
const SEPARATOR = "\ud800";

/** The series of one collector, found by name and labels. */
export class SeriesTable {
  /**
   * Series by family, and within a family by labels. A single table of all series would block for long when it grows.
   */
  readonly #families = new Map<string, Map<string, Series>>();
  #size = 0;

  of(metric: MetricSpec, values: readonly string[]): Series {
    const family = this.#familyOf([metric.name, metric.type, metric.help, ...metric.labels].join(SEPARATOR));
    const key = values.join(SEPARATOR);
    let series = family.get(key);
    if (series === undefined) {
      series = { family: metric, names: metric.labels, values, pairs: pairsOf(metric.labels, values), suffix: "" };
      family.set(key, series);
      this.#size++;
    }
    return series;
  }

  ofSample({ name, type, help }: MetricFamily, { suffix, labels }: FamilySample): Series {
    const family = this.#familyOf([name, type, help ?? SEPARATOR, suffix, SEPARATOR].join(SEPARATOR));
    const key = labels.join(SEPARATOR);
    let series = family.get(key);
    if (series === undefined) {
      series = { family: { name, type, help }, names: undefined, values: labels, pairs: labels, suffix };
      family.set(key, series);
      this.#size++;
    }
    return series;
  }

  #familyOf(key: string): Map<string, Series> {
    let family = this.#families.get(key);
    if (family === undefined) this.#families.set(key, (family = new Map()));
    return family;
  }

  /** Removes series that were not emitted by the last run, if there are many. */
  prune(current: readonly Series[]): void {
    if (this.#size < 2 * current.length + 1000) return;
    const kept = new Set(current);
    this.#size = 0;
    for (const [key, family] of this.#families) {
      for (const [labels, series] of family) if (!kept.has(series)) family.delete(labels);
      this.#size += family.size;
      if (family.size === 0) this.#families.delete(key);
    }
  }
}

const NO_TEXTS: readonly string[] = [];

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, i) => text === b[i]));
}

/** Compares families by value, because some families are created as new objects in each scrape. */
function isSameFamily(a: SeriesFamily, b: SeriesFamily): boolean {
  return a.name === b.name && a.type === b.type && a.help === b.help;
}

function isOfMetric({ family, names }: Series, metric: MetricSpec): boolean {
  return family === metric || (names !== undefined && isSameFamily(family, metric) && sameTexts(names, metric.labels));
}

/**
 * Samples of one collector run, in columns. A run usually emits the same lines in the same order as the run before, so
 * each line is first compared with the previous run's line at the same position.
 */
export class MetricBuffer {
  readonly #table: SeriesTable;
  /** Series by position. Entries from index `count` on belong to an earlier run. */
  readonly series: Series[] = [];
  values = new Float64Array(16);
  /** Timestamps in ms since 1970; NaN for lines without a timestamp. */
  times = new Float64Array(16);
  count = 0;
  hasTimes = false;
  readonly whole: WholeFamily[] = [];
  /** Number of scrapes that still have to print this buffer. */
  users = 0;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** Begins a collector run without lines. Keeps the series of the previous run for comparison. */
  begin(): void {
    this.count = 0;
    this.hasTimes = false;
    this.whole.length = 0;
  }

  /** Ends a run: removes series of the previous run that this run did not emit. */
  end(): void {
    this.series.length = this.count;
    this.#table.prune(this.series);
  }

  /** Adds a line of a metric without labels, or with all its labels in an array. */
  add(metric: MetricSpec, value: number, labels: readonly string[]): void {
    const known = this.series[this.count];
    if (known === undefined || !isOfMetric(known, metric) || !sameTexts(known.values, labels))
      this.series[this.count] = this.#table.of(metric, labels);
    this.#put(value, Number.NaN);
  }

  /** Adds a line of a metric with one label. */
  addOne(metric: MetricSpec, value: number, label: string): void {
    const known = this.series[this.count];
    if (known === undefined || known.family !== metric || known.values[0] !== label || known.values.length !== 1)
      this.add(metric, value, [label]);
    else this.#put(value, Number.NaN);
  }

  /** Adds a line of a metric with two labels. */
  addTwo(metric: MetricSpec, value: number, a: string, b: string): void {
    const known = this.series[this.count];
    const isKnown = known !== undefined && known.family === metric && known.values.length === 2;
    if (!isKnown || known.values[0] !== a || known.values[1] !== b) this.add(metric, value, [a, b]);
    else this.#put(value, Number.NaN);
  }

  /** Adds a line of a metric with four labels. */
  addFour(metric: MetricSpec, value: number, a: string, b: string, c: string, d: string): void {
    const known = this.series[this.count];
    const texts = known !== undefined && known.family === metric ? known.values : NO_TEXTS;
    const isKnown = texts.length === 4 && texts[0] === a && texts[1] === b && texts[2] === c && texts[3] === d;
    if (isKnown) this.#put(value, Number.NaN);
    else this.add(metric, value, [a, b, c, d]);
  }

  /** Adds all lines of a family, in steps. No other line may be added before the last step. */
  *addingFamily(family: MetricFamily, isOrdered: boolean): Steps<void> {
    this.whole.push({ family, first: this.count, isOrdered });
    const { samples } = family;
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i]!;
      if (i % LINES_A_STEP === LINES_A_STEP - 1) yield;
      const known = this.series[this.count];
      const isKnown = known !== undefined && known.names === undefined && known.suffix === sample.suffix;
      if (!isKnown || !isSameFamily(known.family, family) || !sameTexts(known.pairs, sample.labels))
        this.series[this.count] = this.#table.ofSample(family, sample);
      if (sample.timestampMs !== undefined) this.hasTimes = true;
      this.#put(sample.value, sample.timestampMs ?? Number.NaN);
    }
  }

  #put(value: number, time: number): void {
    const at = this.count++;
    if (at === this.values.length) this.#grow();
    this.values[at] = value;
    this.times[at] = time;
  }

  #grow(): void {
    for (const name of ["values", "times"] as const) {
      const larger = new Float64Array(2 * this[name].length);
      larger.set(this[name]);
      this[name] = larger;
    }
  }
}
