import { LABELLED_METRICS, type LabelledKey, PLAIN_METRICS, type PlainKey } from "./container-metrics.ts";

/** Keys of the metrics without own labels. A reading stores the value of a metric at the position of its key. */
export const PLAIN_KEYS = Object.keys(PLAIN_METRICS) as readonly PlainKey[];
export const LABELLED_KEYS = Object.keys(LABELLED_METRICS) as readonly LabelledKey[];

const PLAIN_AT = Object.fromEntries(PLAIN_KEYS.map((key, at) => [key, at])) as Readonly<Record<PlainKey, number>>;
const LABELLED_AT = Object.fromEntries(LABELLED_KEYS.map((key, at) => [key, at])) as Readonly<
  Record<LabelledKey, number>
>;

/** A series of a metric with own labels. */
export interface LabelledValue {
  /** Values of the metric's own labels, in the table's order. */
  readonly labels: readonly string[];
  value: number;
}

const NOTHING: readonly LabelledValue[] = [];
const NO_LABELS: readonly string[] = [];

/**
 * Values that were read from one control group. A value that the host does not report is missing, not zero. The same
 * object is reused in each scrape, because the objects of thousands of groups would become garbage.
 */
export class Reading {
  /** Values by position in PLAIN_KEYS. A missing value is NaN. */
  readonly plain: Float64Array = new Float64Array(PLAIN_KEYS.length).fill(Number.NaN);
  /** Series by position in LABELLED_KEYS. Entries after the key's count are left over from an earlier scrape. */
  readonly #labelled: (LabelledValue[] | undefined)[] = [];
  readonly #counts: number[] = LABELLED_KEYS.map(() => 0);

  /** Begins a scrape without values. Keeps the series of the previous scrape for reuse. */
  begin(): void {
    this.plain.fill(Number.NaN);
    this.#counts.fill(0);
  }

  /** Sets the value of a metric. NaN and undefined omit the series. */
  set(key: PlainKey, value: number | undefined): void {
    this.plain[PLAIN_AT[key]] = value ?? Number.NaN;
  }

  get(key: PlainKey): number {
    return this.plain[PLAIN_AT[key]]!;
  }

  /**
   * Adds a series with the values of the metric's own labels. The label values are separate parameters, because an
   * array for each call would cost more.
   */
  add(key: LabelledKey, value: number | undefined, a: string, b?: string, c?: string, d?: string): void {
    if (value === undefined || Number.isNaN(value)) return;
    const at = LABELLED_AT[key];
    const list = (this.#labelled[at] ??= []);
    const place = this.#counts[at]!++;
    const last = list[place];
    const known = last?.labels ?? NO_LABELS;
    if (last !== undefined && a === known[0] && b === known[1] && c === known[2] && d === known[3]) last.value = value;
    else list[place] = { labels: [a, b, c, d].filter((label) => label !== undefined), value };
  }

  labelled(at: number): readonly LabelledValue[] {
    const list = this.#labelled[at];
    if (list === undefined) return NOTHING;
    if (list.length > this.#counts[at]!) list.length = this.#counts[at]!;
    return list;
  }

  /** True if nothing was read. */
  get isEmpty(): boolean {
    return this.#counts.every((count) => count === 0) && this.plain.every(Number.isNaN);
  }

  /** Returns the values of the metric's first label. */
  firstLabels(key: LabelledKey): ReadonlySet<string> {
    return new Set(this.labelled(LABELLED_AT[key]).map(({ labels }) => labels[0]!));
  }
}
