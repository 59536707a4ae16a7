import {
  ALL_VALUE,
  calculateInterval,
  type DataSourceRef,
  type FrameAnswer,
  interpolate,
  interpolateJson,
  type JsonObject,
  type Lookup,
  offsetAt,
  type Panel,
  parseInterval,
  promqlFormat,
  type ResolvedTimeRange,
  type Target,
} from "@narthex/dashboards";
import { isPanelReference } from "./panel-references.ts";
import type { SourceFilters } from "./source-filters.ts";
import { isFrozen } from "./frozen-frames.ts";
import type { PanelQuery } from "./query-client.ts";

/** A data source as the server lists it. */
export interface SourceListing {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
  /** Configured scrape interval of the data source's samples. */
  readonly timeInterval: string;
  /** Uid of the Alertmanager that receives the data source's alerts, if configured. */
  readonly alertmanagerUid?: string;
}

const MIXED = "-- Mixed --";
const EXPRESSIONS = "__expr__";
const USUAL_SCRAPE_MS = 15_000;

/**
 * Returns the data source that a reference names by uid or by name, or the default data source. Returns undefined if it
 * does not exist.
 */
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

/**
 * Returns the step of a panel's queries: the range divided by the number of points, but at least the minimum interval
 * of the panel or data source.
 */
export function panelStep(
  panel: Pick<Panel, "maxDataPoints" | "interval">,
  source: SourceListing | undefined,
  range: ResolvedTimeRange,
  width: number,
  lookup: Lookup,
): { readonly intervalMs: number; readonly maxDataPoints: number } {
  const maxDataPoints = panel.maxDataPoints ?? Math.max(1, Math.floor(width));
  const own = panel.interval === undefined ? undefined : parseInterval(interpolate(panel.interval, lookup, "raw"));
  const usual = source?.type === "prometheus" ? (parseInterval(source.timeInterval) ?? USUAL_SCRAPE_MS) : 1;
  return { intervalMs: calculateInterval(range.to - range.from, maxDataPoints, own ?? usual), maxDataPoints };
}

/** Error results of queries that cannot be sent, by refId. */
type UnsentQueries = ReadonlyMap<string, FrameAnswer>;

export interface PreparedQueries {
  readonly queries: readonly PanelQuery[];
  readonly unsent: UnsentQueries;
}

/** Everything from which a panel's queries are computed. */
export interface QueryInput {
  readonly panel: Panel;
  readonly range: ResolvedTimeRange;
  /** IANA name of the dashboard's time zone. Steps of hours and days are aligned to this zone. */
  readonly zone: string;
  /** Width of the panel's content, CSS pixels. */
  readonly width: number;
  readonly lookup: Lookup;
  readonly sources: readonly SourceListing[];
  /** Ad hoc filters by the uid of the data source. */
  readonly filters: SourceFilters;
}

/**
 * Returns a panel's queries with variables replaced. Omits empty queries, and hidden queries unless the panel has an
 * expression. The data source replaces variables such as `$__interval`.
 */
export function prepareQueries({ panel, range, zone, width, lookup, sources, filters }: QueryInput): PreparedQueries {
  const queries: PanelQuery[] = [];
  const unsent = new Map<string, FrameAnswer>();
  if (isFrozen(panel)) return { queries, unsent };
  const isExpression = (target: Target): boolean => {
    const ref = sourceRefOf(target, panel);
    return ref?.uid === EXPRESSIONS || ref?.type === EXPRESSIONS;
  };
  // Hidden queries are needed if an expression may use their results.
  const needsHidden = panel.targets.some((target) => !target.hide && isExpression(target));
  for (const target of panel.targets) {
    if ((target.hide && !needsHidden) || isPanelReference(target, panel)) continue;
    const ref = sourceRefOf(target, panel);
    if (isExpression(target)) {
      const datasource = { type: EXPRESSIONS, uid: EXPRESSIONS };
      const step = panelStep(panel, undefined, range, width, lookup);
      queries.push({ refId: target.refId, datasource, ...step, source: interpolateJson(target.source, lookup) });
      continue;
    }
    const source = findSource(ref, sources, lookup);
    if (source === undefined) {
      const name = interpolate(ref?.uid ?? "", lookup, "raw");
      unsent.set(target.refId, { frames: [], status: 404, error: `There is no data source "${name}".` });
      continue;
    }
    if (source.type === "prometheus" && isBlank(target.source["expr"])) continue;
    const adhocFilters = filters.get(source.uid);
    queries.push({
      refId: target.refId,
      datasource: { type: source.type, uid: source.uid },
      ...panelStep(panel, source, range, width, lookup),
      source: {
        ...filledSource(target.source, source.type, lookup),
        ...(source.type === "prometheus" ? { utcOffsetSec: offsetAt(range.to, zone) / 1000 } : {}),
        ...(adhocFilters === undefined ? {} : { adhocFilters }),
      },
    });
  }
  return { queries, unsent };
}

/** Reports whether an expression is empty. An empty query is not sent, but the panel's other queries are. */
const isBlank = (expr: unknown): boolean =>
  expr === undefined || expr === null || (typeof expr === "string" && expr.trim() === "");

/** Returns the data source reference of a query: its own reference, or otherwise the panel's. */
export const sourceRefOf = (target: Target, panel: Panel): DataSourceRef | undefined =>
  target.datasource !== undefined && target.datasource.uid !== MIXED ? target.datasource : panel.datasource;

/** Returns the data source of a panel's query; undefined if it does not exist. */
export const queriedSource = (
  target: Target,
  panel: Panel,
  sources: readonly SourceListing[],
  lookup: Lookup,
): SourceListing | undefined => findSource(sourceRefOf(target, panel), sources, lookup);

/**
 * Replaces the variables in a query. Their values are escaped in PromQL expressions, but not in legends and other
 * texts.
 */
export function filledSource(source: JsonObject, type: string, lookup: Lookup): JsonObject {
  if (type !== "prometheus") return interpolateJson(source, lookup);
  const { expr, interval, ...rest } = source;
  return {
    ...interpolateJson(rest, lookup),
    ...(typeof expr === "string" ? { expr: interpolate(expr, lookup, promqlFormat) } : {}),
    ...(typeof interval === "string" ? { interval: interpolate(interval, lookup, "raw") } : {}),
  };
}
