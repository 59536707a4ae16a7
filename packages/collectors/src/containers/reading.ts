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
  readonly value: number;
}

const NOTHING: readonly LabelledValue[] = [];

/** Values read from one control group. A value that the host does not report is missing, not zero. */
export class Reading {
  /** Values by position in PLAIN_KEYS. A missing value is NaN. */
  readonly plain: Float64Array = new Float64Array(PLAIN_KEYS.length).fill(Number.NaN);
  readonly #labelled: (LabelledValue[] | undefined)[] = [];

  /** Sets a value; NaN and undefined omit the series. */
  set(key: PlainKey, value: number | undefined): void {
    this.plain[PLAIN_AT[key]] = value ?? Number.NaN;
  }

  get(key: PlainKey): number {
    return this.plain[PLAIN_AT[key]]!;
  }

  add(key: LabelledKey, value: number | undefined, ...labels: readonly string[]): void {
    if (value === undefined || Number.isNaN(value)) return;
    (this.#labelled[LABELLED_AT[key]] ??= []).push({ labels, value });
  }

  labelled(at: number): readonly LabelledValue[] {
    return this.#labelled[at] ?? NOTHING;
  }

  /** True if nothing was read. */
  get isEmpty(): boolean {
    return this.#labelled.length === 0 && this.plain.every(Number.isNaN);
  }

  /** Returns the values of the metric's first label. */
  firstLabels(key: LabelledKey): ReadonlySet<string> {
    return new Set(this.labelled(LABELLED_AT[key]).map(({ labels }) => labels[0]!));
  }
}
