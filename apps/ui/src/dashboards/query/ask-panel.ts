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
import { isBorrowing } from "./borrowed-answers.ts";
import type { SourceFilters } from "./source-filters.ts";
import { isFrozen } from "./frozen-frames.ts";
import type { PanelQuery } from "./query-client.ts";

/** A source as the role lists it. */
export interface SourceListing {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
  /** How often its series have samples, as it is set. */
  readonly timeInterval: string;
  /** The Alertmanager that its alerts go to, as it is set. */
  readonly alertmanagerUid?: string;
}

const MIXED = "-- Mixed --";
const EXPRESSIONS = "__expr__";
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

/** A panel's step: its range over the points it has room for, and no less than it or its source says. */
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

/** A query that cannot be sent, by its refId. */
export type UnsentQueries = ReadonlyMap<string, FrameAnswer>;

export interface PreparedQueries {
  readonly queries: readonly PanelQuery[];
  readonly unsent: UnsentQueries;
}

/** What a panel's queries are made of. */
export interface QueryInput {
  readonly panel: Panel;
  readonly range: ResolvedTimeRange;
  /** The dashboard's zone, an IANA name: steps of hours and days begin with its days. */
  readonly zone: string;
  /** Of the panel's content, CSS pixels. */
  readonly width: number;
  readonly lookup: Lookup;
  readonly sources: readonly SourceListing[];
  /** The ad hoc filters of each source, by its uid. */
  readonly filters: SourceFilters;
}

/**
 * A panel's queries with their variables filled in; hidden ones are left out, unless expressions need them, and
 * those in which nothing is written. What depends on a query's own step, such as
 * `$__interval`, stays for the source.
 */
export function prepareQueries({ panel, range, zone, width, lookup, sources, filters }: QueryInput): PreparedQueries {
  const queries: PanelQuery[] = [];
  const unsent = new Map<string, FrameAnswer>();
  if (isFrozen(panel)) return { queries, unsent };
  const isExpression = (target: Target): boolean => {
    const ref = sourceRefOf(target, panel);
    return ref?.uid === EXPRESSIONS || ref?.type === EXPRESSIONS;
  };
  // What expressions are made of is asked for though it is hidden.
  const needsHidden = panel.targets.some((target) => !target.hide && isExpression(target));
  for (const target of panel.targets) {
    if ((target.hide && !needsHidden) || isBorrowing(target, panel)) continue;
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

/** Whether nothing is written yet: the panel's other queries are asked without it. */
const isBlank = (expr: unknown): boolean =>
  expr === undefined || expr === null || (typeof expr === "string" && expr.trim() === "");

/** The source that a query of a panel is set to ask: its own, or the panel's. */
export const sourceRefOf = (target: Target, panel: Panel): DataSourceRef | undefined =>
  target.datasource !== undefined && target.datasource.uid !== MIXED ? target.datasource : panel.datasource;

/** The source that a query of a panel asks; undefined where there is none such. */
export const queriedSource = (
  target: Target,
  panel: Panel,
  sources: readonly SourceListing[],
  lookup: Lookup,
): SourceListing | undefined => findSource(sourceRefOf(target, panel), sources, lookup);

/** Texts in the language of PromQL escape what variables hold; legends and other texts do not. */
export function filledSource(source: JsonObject, type: string, lookup: Lookup): JsonObject {
  if (type !== "prometheus") return interpolateJson(source, lookup);
  const { expr, interval, ...rest } = source;
  return {
    ...interpolateJson(rest, lookup),
    ...(typeof expr === "string" ? { expr: interpolate(expr, lookup, promqlFormat) } : {}),
    ...(typeof interval === "string" ? { interval: interpolate(interval, lookup, "raw") } : {}),
  };
}
