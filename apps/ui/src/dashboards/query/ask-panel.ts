import {
  ALL_VALUE,
  type BoundVariable,
  calculateInterval,
  type DataSourceRef,
  type FrameAnswer,
  formatInterval,
  interpolate,
  interpolateJson,
  type JsonObject,
  type Lookup,
  type Panel,
  parseInterval,
  promqlFormat,
  rateInterval,
  type ResolvedTimeRange,
  type Target,
} from "@narthex/dashboards";
import type { PanelQuery } from "./query-client.ts";

/** A source as the role lists it. */
export interface SourceListing {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
  /** How often its series have samples, as it is set. */
  readonly timeInterval: string;
}

const MIXED = "-- Mixed --";
const USUAL_SCRAPE_MS = 15_000;

/** The source that a reference means: by uid, by name, or the default one. Undefined where there is none such. */
export function findSource(
  ref: DataSourceRef | undefined,
  sources: readonly SourceListing[],
  lookup: Lookup,
): SourceListing | undefined {
  const name = ref?.uid === undefined ? "" : interpolate(ref.uid, lookup, "raw");
  const usual = sources.find(({ isDefault }) => isDefault);
  if (name === "" || name === "default" || name === ALL_VALUE)
    return ref?.type === undefined || ref.type === usual?.type
      ? usual
      : (sources.find(({ type }) => type === ref.type) ?? usual);
  return sources.find(({ uid }) => uid === name) ?? sources.find((source) => source.name === name);
}

/** A name with one value that is used as it is. */
export const verbatim = (name: string, value: string): BoundVariable => ({
  name,
  values: [value],
  texts: [value],
  isMulti: false,
  isVerbatim: true,
});

/** A panel's step: its range over the points it has room for, and no less than it or its source says. */
export function panelStep(
  panel: Panel,
  source: SourceListing | undefined,
  range: ResolvedTimeRange,
  width: number,
  lookup: Lookup,
): { readonly intervalMs: number; readonly maxDataPoints: number; readonly scrapeMs: number } {
  const maxDataPoints = panel.maxDataPoints ?? Math.max(1, Math.floor(width));
  const own = panel.interval === undefined ? undefined : parseInterval(interpolate(panel.interval, lookup, "raw"));
  const scrapeMs = parseInterval(source?.timeInterval ?? "") ?? USUAL_SCRAPE_MS;
  const least = own ?? (source?.type === "prometheus" ? scrapeMs : 1);
  return { intervalMs: calculateInterval(range.to - range.from, maxDataPoints, least), maxDataPoints, scrapeMs };
}

/** The names that a query may hold besides the dashboard's variables. */
export function stepLookup(lookup: Lookup, intervalMs: number, scrapeMs: number): Lookup {
  const rate = rateInterval(intervalMs, scrapeMs);
  const values: Readonly<Record<string, string>> = {
    __interval: formatInterval(intervalMs),
    __interval_ms: String(intervalMs),
    __rate_interval: formatInterval(rate),
    __rate_interval_ms: String(rate),
  };
  return (name, part) => (Object.hasOwn(values, name) ? verbatim(name, values[name]!) : lookup(name, part));
}

/** A query that cannot be sent, by its refId. */
export type UnsentQueries = ReadonlyMap<string, FrameAnswer>;

export interface PreparedQueries {
  readonly queries: readonly PanelQuery[];
  readonly unsent: UnsentQueries;
}

/** A panel's queries with their variables filled in. Hidden ones are left out. */
export function prepareQueries(
  panel: Panel,
  range: ResolvedTimeRange,
  width: number,
  lookup: Lookup,
  sources: readonly SourceListing[],
): PreparedQueries {
  const queries: PanelQuery[] = [];
  const unsent = new Map<string, FrameAnswer>();
  for (const target of panel.targets) {
    if (target.hide) continue;
    const ref = sourceRefOf(target, panel);
    const source = findSource(ref, sources, lookup);
    if (source === undefined) {
      const name = interpolate(ref?.uid ?? "", lookup, "raw");
      unsent.set(target.refId, { frames: [], status: 404, error: `There is no data source "${name}".` });
      continue;
    }
    const { intervalMs, maxDataPoints, scrapeMs } = panelStep(panel, source, range, width, lookup);
    queries.push({
      refId: target.refId,
      datasource: { type: source.type, uid: source.uid },
      intervalMs,
      maxDataPoints,
      source: filled(target, source, stepLookup(lookup, intervalMs, scrapeMs)),
    });
  }
  return { queries, unsent };
}

const sourceRefOf = (target: Target, panel: Panel): DataSourceRef | undefined =>
  target.datasource !== undefined && target.datasource.uid !== MIXED ? target.datasource : panel.datasource;

/** Texts in the language of PromQL escape what variables hold; legends and other texts do not. */
function filled({ source }: Target, { type }: SourceListing, lookup: Lookup): JsonObject {
  const { expr, interval, ...rest } = source as { expr?: unknown; interval?: unknown };
  const others = interpolateJson(rest as JsonObject, lookup);
  if (type !== "prometheus") return interpolateJson(source, lookup);
  return {
    ...others,
    ...(typeof expr === "string" ? { expr: interpolate(expr, lookup, promqlFormat) } : {}),
    ...(typeof interval === "string" ? { interval: interpolate(interval, lookup, "raw") } : {}),
  };
}
