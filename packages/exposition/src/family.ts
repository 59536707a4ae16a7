import { type FloatHistogram, formatFloat } from "@narthex/model";

/** Type of a metric family. The text format 0.0.4 writes "unknown" as `untyped`. */
export type MetricType =
  | "counter"
  | "gauge"
  | "histogram"
  | "gaugehistogram"
  | "summary"
  | "info"
  | "stateset"
  | "unknown";

export interface FamilySample {
  /** Suffix after the metric family's name: "", `_sum`, `_count`, `_bucket`, `_total` … */
  readonly suffix: string;
  /** Labels as name, value, name, value … in the printed order. `le` or `quantile` is the last label. */
  readonly labels: readonly string[];
  readonly value: number;
  /** Timestamp of the sample in ms since 1970. Undefined if the sample has none. */
  readonly timestampMs?: number | undefined;
  /**
   * A native histogram, which only the protobuf writer prints. The classic samples of the same histogram are separate
   * entries.
   */
  readonly histogram?: FloatHistogram | undefined;
}

/** A metric family with its samples. Writers take families, and `parseFamilies` returns them. */
export interface MetricFamily {
  readonly name: string;
  /** Help text. If undefined, no HELP line is printed; if "", an empty HELP line is printed. */
  readonly help: string | undefined;
  readonly type: MetricType;
  /** OpenMetrics unit of the metric family. The family's name must contain the unit. */
  readonly unit?: string | undefined;
  readonly samples: readonly FamilySample[];
}

/** Labels as an object, or as a list: name, value, name, value … */
export type LabelSource = Readonly<Record<string, string>> | readonly string[];

const toPairs = (labels: LabelSource | undefined): readonly string[] =>
  labels === undefined ? [] : Array.isArray(labels) ? (labels as readonly string[]) : Object.entries(labels).flat();

/** Returns one sample of a counter, gauge or untyped metric. */
export const sample = (value: number, labels?: LabelSource, timestampMs?: number): FamilySample => ({
  suffix: "",
  labels: toPairs(labels),
  value,
  timestampMs,
});

/**
 * Returns a metric family. `readings` is a number for a metric without labels, or a list of samples. ```ts
 * family("counter", "jobs_total", "Jobs done.", [sample(3, { kind: "mail" })]); ```
 */
export const family = (
  type: MetricType,
  name: string,
  help: string,
  values: number | readonly FamilySample[],
): MetricFamily => ({ name, help, type, samples: typeof values === "number" ? [sample(values)] : values });

/**
 * State of a classic histogram: `counts[i]` is the number of observations ≤ `bounds[i]`. There is no entry for +Inf.
 */
export interface HistogramReading {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/**
 * Returns the samples of one classic histogram: `_bucket` with rising `le`, including +Inf, then `_sum` and `_count`.
 */
export function histogramSamples(
  reading: HistogramReading,
  labels?: LabelSource,
  timestampMs?: number,
): FamilySample[] {
  const pairs = toPairs(labels);
  const out: FamilySample[] = reading.bounds.map((bound, i) => ({
    suffix: "_bucket",
    labels: [...pairs, "le", formatFloat(bound)],
    value: reading.counts[i] ?? 0,
    timestampMs,
  }));
  if (reading.bounds.at(-1) !== Infinity) {
    out.push({ suffix: "_bucket", labels: [...pairs, "le", "+Inf"], value: reading.count, timestampMs });
  }
  out.push({ suffix: "_sum", labels: pairs, value: reading.sum, timestampMs });
  out.push({ suffix: "_count", labels: pairs, value: reading.count, timestampMs });
  return out;
}

/** State of a summary. `quantiles` contains pairs of a quantile (0 to 1) and its value. */
export interface SummaryReading {
  readonly quantiles: readonly (readonly [phi: number, value: number])[];
  readonly count: number;
  readonly sum: number;
}

/** Returns the samples of one summary: one per quantile, then `_sum` and `_count`. */
export function summarySamples(reading: SummaryReading, labels?: LabelSource, timestampMs?: number): FamilySample[] {
  const pairs = toPairs(labels);
  return [
    ...reading.quantiles.map(([phi, value]) => ({
      suffix: "",
      labels: [...pairs, "quantile", formatFloat(phi)],
      value,
      timestampMs,
    })),
    { suffix: "_sum", labels: pairs, value: reading.sum, timestampMs },
    { suffix: "_count", labels: pairs, value: reading.count, timestampMs },
  ];
}
