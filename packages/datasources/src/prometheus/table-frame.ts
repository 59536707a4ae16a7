import type { Frame, NumericField, StringField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { ValueBudget } from "../value-budget.ts";
import { timeField, type FrameSettings } from "./series-frames.ts";
import type { QueryResult, Series } from "./series.ts";

/** For each row of a table: the series and the sample that the row shows. */
interface RowOrigins {
  /**
   * `series` contains for each row the index of its series. `samples` contains for each row the index of its sample in
   * the series; the floats of a series come first, then its histograms.
   */
  readonly series: Uint32Array;
  readonly samples: Uint32Array;
  readonly times: Float64Array;
}

/** Number of rows after which the task yields to other work if its time is over. */
const STEP_ROWS = 8192;

/**
 * Returns one frame with the samples of all series, sorted by time: Time, a column for each label, the value.
 * Throws QueryFailure if the budget has too few cells left.
 * @param valueName `Value`, or `Value #A` if several queries return tables
 */
export function* tableFrame(
  { series, resultType }: QueryResult,
  settings: FrameSettings,
  valueName: string,
  budget: ValueBudget,
): Steps<Frame> {
  const names = labelNames(series);
  const length = series.reduce((sum, one) => sum + samplesOf(one), 0);
  budget.take(names.size * length);
  const rows = rowsOf(series, length);
  const labels: StringField[] = [];
  for (const name of names) labels.push(yield* labelColumn(name, series, rows));
  const hasHistograms = series.some(({ histograms }) => histograms !== undefined);
  return {
    refId: settings.refId,
    length,
    meta: { type: "table", preferredVisualisationType: "rawPrometheus", custom: { resultType } },
    fields: [
      timeField("Time", rows.times, settings.stepMs),
      ...labels,
      ...valueColumns(series, rows, valueName, hasHistograms),
    ],
  };
}

const samplesOf = ({ times, histograms }: Series): number => times.length + (histograms?.times.length ?? 0);

function labelNames(series: readonly Series[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { labels } of series) for (const name of Object.keys(labels).sort()) names.add(name);
  return names;
}

function rowsOf(series: readonly Series[], total: number): RowOrigins {
  const origins = { series: new Uint32Array(total), samples: new Uint32Array(total), times: new Float64Array(total) };
  let row = 0;
  let isSorted = true;
  for (const [i, one] of series.entries()) {
    for (let sample = 0; sample < samplesOf(one); sample++, row++) {
      origins.series[row] = i;
      origins.samples[row] = sample;
      const { length } = one.times;
      origins.times[row] = sample < length ? one.times[sample]! : one.histograms!.times[sample - length]!;
      isSorted &&= row === 0 || origins.times[row]! >= origins.times[row - 1]!;
    }
  }
  return isSorted ? origins : sortedByTime(origins);
}

/** Sorts rows by time. Rows with the same time stay in the order of the series. */
function sortedByTime({ series, samples, times }: RowOrigins): RowOrigins {
  const order = Uint32Array.from(times, (_, row) => row).sort((a, b) => times[a]! - times[b]! || a - b);
  return {
    series: Uint32Array.from(order, (row) => series[row]!),
    samples: Uint32Array.from(order, (row) => samples[row]!),
    times: Float64Array.from(order, (row) => times[row]!),
  };
}

function* labelColumn(name: string, series: readonly Series[], rows: RowOrigins): Steps<StringField> {
  const texts = series.map(({ labels }) => (Object.hasOwn(labels, name) ? labels[name]! : ""));
  const values: string[] = [];
  for (const i of rows.series) {
    values.push(texts[i]!);
    if (values.length % STEP_ROWS === 0) yield;
  }
  yield;
  return { name, type: "string", values, config: { filterable: true } };
}

/** Returns the value column. If there are histograms, also returns columns for their counts and sums. */
function valueColumns(
  series: readonly Series[],
  rows: RowOrigins,
  valueName: string,
  hasHistograms: boolean,
): readonly NumericField[] {
  const length = rows.times.length;
  const column = (name: string): NumericField & { readonly nulls: Uint8Array } => ({
    name,
    type: "number",
    values: new Float64Array(length),
    nulls: new Uint8Array(length),
    config: {},
  });
  const [value, count, sum] = [column(valueName), column("Count"), column("Sum")];
  for (let row = 0; row < length; row++) {
    const { times, values, histograms } = series[rows.series[row]!]!;
    const sample = rows.samples[row]!;
    const isFloat = sample < times.length;
    value.nulls[row] = isFloat ? 0 : 1;
    count.nulls[row] = sum.nulls[row] = isFloat ? 1 : 0;
    if (isFloat) value.values[row] = values[sample]!;
    else {
      count.values[row] = histograms!.counts[sample - times.length]!;
      sum.values[row] = histograms!.sums[sample - times.length]!;
    }
  }
  if (hasHistograms) return [value, count, sum];
  const { nulls: _, ...whole } = value;
  return [whole];
}
