import { type Labels, parseGoFloat } from "@narthex/model";
import type { PictureSeries } from "@narthex/pictures";
import type { RoleClient } from "./role-client.ts";

/** Largest number of series that are requested. */
const MAX_SERIES = 100;
const MAX_POINTS = 240;
const MIN_STEP_MS = 15_000;

export interface TimeRange {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
}

/** Returns the distance of the points that are requested for a range, in ms. */
export const stepOf = ({ from, to }: TimeRange): number =>
  Math.max(MIN_STEP_MS, Math.ceil((to - from) / MAX_POINTS / 1000) * 1000);

interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>;
  /** Time in seconds and value as text for each point, not checked yet. */
  readonly values: readonly (readonly unknown[])[];
}

/**
 * Returns the values of a query over a range: the series of the alerts with the given labels, or all series if none
 * belongs to an alert.
 */
export async function alertSeries(
  client: RoleClient,
  query: string,
  range: TimeRange,
  alerts: readonly Labels[],
  signal: AbortSignal,
): Promise<readonly PictureSeries[]> {
  const parameters = new URLSearchParams({
    query,
    start: String(range.from / 1000),
    end: String(range.to / 1000),
    step: String(stepOf(range) / 1000),
    limit: String(MAX_SERIES),
  });
  const found = seriesIn(await client.get("/api/v1/query_range", parameters, signal));
  const own = found.filter(({ metric }) => alerts.some((labels) => belongsTo(metric, labels)));
  return (own.length === 0 ? found : own).map(pictureSeries);
}

/** Returns the series of an answer. Entries of another form are left out. */
function seriesIn(answer: unknown): readonly RangeSeries[] {
  const data = (answer as { data?: { resultType?: unknown; result?: unknown } } | null)?.data;
  if (data?.resultType !== "matrix" || !Array.isArray(data.result)) return [];
  return (data.result as unknown[]).slice(0, MAX_SERIES).filter(isSeries);
}

const isSeries = (value: unknown): value is RangeSeries => {
  const { metric, values } = (value ?? {}) as { metric?: unknown; values?: unknown };
  if (typeof metric !== "object" || metric === null || !Array.isArray(values)) return false;
  return Object.values(metric).every((text) => typeof text === "string") && values.every(Array.isArray);
};

/** Reports whether the labels of a series are those of an alert. An alert has further labels, of its rule. */
function belongsTo(metric: RangeSeries["metric"], labels: Labels): boolean {
  return Object.entries(metric).every(([name, value]) => name === "__name__" || labels.get(name) === value);
}

function pictureSeries({ metric, values }: RangeSeries): PictureSeries {
  const { __name__: name = "", ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return {
    name: pairs.length === 0 ? name || "value" : `${name}{${pairs.join(", ")}}`,
    times: values.map(([time]) => 1000 * Number(time)),
    // JSON contains values as text.
    values: values.map(([, value]) => (typeof value === "string" ? (parseGoFloat(value) ?? NaN) : NaN)),
  };
}
