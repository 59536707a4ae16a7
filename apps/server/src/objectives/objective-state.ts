import { Labels, METRIC_NAME } from "@narthex/model";
import { forEachSample, QueryError } from "@narthex/promql";
import type { QueryLane, QueryRequest } from "@narthex/querying";
import type { Alert } from "@narthex/rules";
import { budgetOf, burnRateOf, type ServiceLevel } from "@narthex/slo";

/** How a query of an objective is run for the sender of a request. */
export interface StateQuery {
  readonly lane: Pick<QueryLane, "evaluate">;
  /** Returns a query that reads only series that the sender may read. */
  readonly limited: (text: string) => string;
  readonly request: Pick<QueryRequest, "origin" | "principal" | "signal">;
  readonly time: number;
}

/** Maximum number of series of an objective in a response. */
const MAX_SERIES = 50;
/** Maximum number of alerts of an objective in a response. */
const MAX_ALERTS = 50;

/** Label that differs between the windows of an objective. */
const WINDOW_LABEL = "sloth_window";

interface Value {
  readonly labels: Labels;
  readonly value: number;
}

/** Returns an objective with its budget and its burn rates now, as the JSON of the API. */
export async function objectiveState(
  level: ServiceLevel,
  query: StateQuery,
  alerts: readonly Alert[],
): Promise<Readonly<Record<string, unknown>>> {
  const common = { ...describe(level), alerts: alerts.slice(0, MAX_ALERTS).map(alertJson) };
  try {
    const ratios = await valuesOf(level.queries.errorRatio, query);
    const windows: (readonly [number, ReadonlyMap<string, number>])[] = [];
    for (const { windowMs, errorRatio } of level.queries.windows) {
      const values = await valuesOf(errorRatio, query);
      windows.push([windowMs, new Map(values.map(({ labels, value }) => [labels.key, value]))]);
    }
    return { ...common, series: ratios.slice(0, MAX_SERIES).map((one) => seriesJson(level, one, windows)) };
  } catch (error) {
    // A query that fails costs only its objective.
    if (!(error instanceof QueryError)) throw error;
    return { ...common, series: [], error: error.message };
  }
}

function seriesJson(
  { objective }: ServiceLevel,
  { labels, value }: Value,
  windows: readonly (readonly [number, ReadonlyMap<string, number>])[],
): Readonly<Record<string, unknown>> {
  const { sli, remaining } = budgetOf(value, objective);
  return {
    labels: labels.toRecord(),
    errorRatio: value,
    sli,
    budgetRemaining: remaining,
    burnRates: windows.map(([windowMs, values]) => {
      const ratio = values.get(labels.key);
      return { window: windowMs / 1000, burnRate: ratio === undefined ? null : finite(burnRateOf(ratio, objective)) };
    }),
  };
}

/** JSON has no infinite numbers; an infinite burn rate becomes null. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

async function valuesOf(text: string, { lane, limited, request, time }: StateQuery): Promise<readonly Value[]> {
  const result = await lane.evaluate({ ...request, text: limited(text), time, limit: MAX_SERIES });
  const values: Value[] = [];
  for (const series of result.series)
    forEachSample(series, (_time, value) => {
      if (Number.isFinite(value)) values.push({ labels: withoutWindow(series.labels), value });
    });
  return values;
}

const withoutWindow = (labels: Labels): Labels =>
  Labels.of(Object.entries(labels.toRecord()).filter(([name]) => name !== METRIC_NAME && name !== WINDOW_LABEL));

const describe = (level: ServiceLevel) => ({
  id: level.id,
  name: level.name,
  service: level.service,
  description: level.description,
  format: level.format,
  file: level.file,
  line: level.line,
  objective: level.objective,
  window: level.windowMs / 1000,
  labels: Object.fromEntries(level.labels),
  alertWindows: level.burnRates.map(({ severity, shortMs, longMs, factor }) => ({
    severity,
    short: shortMs / 1000,
    long: longMs / 1000,
    factor,
  })),
  errorRatioQuery: level.queries.errorRatio,
});

const alertJson = ({ labels, annotations, state, activeAtMs }: Alert) => ({
  labels: labels.toRecord(),
  annotations: Object.fromEntries(annotations),
  state,
  activeAt: new Date(activeAtMs).toISOString(),
});
