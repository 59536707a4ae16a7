import { TYPE_LABEL, UNIT_LABEL } from "@narthex/exposition";
import { compareBytewise, formatPlain } from "@narthex/model";
import type { MetricMetadata } from "@narthex/storage";
import type { LabelNamer } from "./label-names.ts";
import type { MetricKind } from "./metric-names.ts";

/**
 * Adds attributes to labels. If several attributes become labels with the same name, joins their values in the order of
 * the attributes and returns true.
 * @param pairs keys and values alternately, in any order
 */
export function addAttributes(labels: Map<string, string>, pairs: readonly string[], labelName: LabelNamer): boolean {
  let collides = false;
  for (const [key, value] of sortedPairs(pairs)) {
    const name = labelName(key);
    const known = labels.get(name);
    if (known !== undefined) collides = true;
    labels.set(name, known === undefined ? value : `${known};${value}`);
  }
  return collides;
}

/** Returns pairs sorted by key. Pairs with equal keys keep their order. */
export function sortedPairs(pairs: readonly string[]): [key: string, value: string][] {
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i]!, pairs[i + 1]!]);
  return entries.sort(([a], [b]) => compareBytewise(a, b));
}

export function setTypeAndUnit(labels: Map<string, string>, { type, unit }: MetricMetadata): void {
  if (type !== "unknown") labels.set(TYPE_LABEL, type);
  if (unit !== "") labels.set(UNIT_LABEL, unit);
}

/**
 * Suffix and label that distinguish one series of an OTLP data point: a suffix of the metric name, and an additional
 * label such as `le`.
 */
export interface PointSeries {
  readonly suffix: string;
  readonly pair?: readonly [name: string, value: string];
}

/**
 * Number of the sum within the series of a classic histogram or summary. The next numbers are the count, and the first
 * bucket or quantile.
 */
export const SUM_SERIES = 0;
export const COUNT_SERIES = 1;
export const FIRST_OF_LAYOUT = 2;

const ONLY_SERIES: PointSeries = { suffix: "" };

/**
 * Returns the name suffix and the additional label of one series of a data point.
 * @param layout bounds or quantiles; empty for a native histogram and for a number
 * @param offset number of the series within the data point
 */
export function pointSeries(kind: MetricKind, layout: Uint8Array, offset: number): PointSeries {
  if (kind !== "summary" && (kind !== "histogram" || layout.length === 0)) return ONLY_SERIES;
  if (offset === SUM_SERIES) return { suffix: "_sum" };
  if (offset === COUNT_SERIES) return { suffix: "_count" };
  const view = new DataView(layout.buffer, layout.byteOffset, layout.byteLength);
  const value = formatPlain(view.getFloat64((offset - FIRST_OF_LAYOUT) * 8, true));
  return kind === "summary" ? { suffix: "", pair: ["quantile", value] } : { suffix: "_bucket", pair: ["le", value] };
}
