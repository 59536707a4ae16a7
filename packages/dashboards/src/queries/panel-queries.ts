import type { JsonObject } from "../model/field-config.ts";
import type { FrameAnswer } from "../frame/frame-answer.ts";
import type { DataSourceRef, Panel, Target } from "../model/dashboard.ts";
import { filledQuery, isBlankQuery } from "../sources/filled-query.ts";
import type { SourceFeature, SourceKind } from "../sources/source-kind.ts";
import { calculateInterval, parseInterval } from "../time/interval.ts";
import type { ResolvedTimeRange } from "../time/time-range.ts";
import { offsetAt } from "../time/time-zone.ts";
import { ALL_VALUE } from "../variables/variable-selection.ts";
import { interpolate, interpolateJson, type Lookup } from "../variables/variable-syntax.ts";
import { isPanelReference } from "./panel-references.ts";
import type { SourceFilters } from "./source-filters.ts";
import { isFrozen } from "./frozen-panel.ts";

/** A query of a panel that can be sent. `source` contains the properties that only the data source understands. */
export interface PanelQuery {
  readonly refId: string;
  readonly datasource: { readonly type?: string; readonly uid?: string };
  readonly intervalMs: number;
  readonly maxDataPoints: number;
  readonly source: JsonObject;
}

/** A data source as the server lists it. */
export interface SourceListing {
  readonly uid: string;
  readonly name: string;
  /** Plugin type of the data source. A kind of source, such as Prometheus, may have several types. */
  readonly type: string;
  readonly kind: SourceKind;
  readonly isDefault: boolean;
  /** Configured scrape interval of the data source's samples. */
  readonly timeInterval: string;
  /** Uid of the Alertmanager that receives the data source's alerts, if configured. */
  readonly alertmanagerUid?: string;
}

const MIXED = "-- Mixed --";
const EXPRESSIONS = "__expr__";

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
    return ref?.type === undefined || usual?.kind.types.includes(ref.type) === true
      ? usual
      : (sources.find(({ kind }) => kind.types.includes(ref.type!)) ?? usual);
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
  const usual = source === undefined ? 1 : leastStep(source);
  return { intervalMs: calculateInterval(range.to - range.from, maxDataPoints, own ?? usual), maxDataPoints };
}

/** Returns the smallest step of queries to a data source, ms: from its settings, otherwise from its kind. */
export const leastStep = ({ timeInterval, kind }: Pick<SourceListing, "timeInterval" | "kind">): number =>
  parseInterval(timeInterval) ?? kind.leastStepMs;

/** Reports whether a kind of data source supports a feature of the pages. */
export const hasFeature = ({ kind }: Pick<SourceListing, "kind">, feature: SourceFeature): boolean =>
  kind.features.includes(feature);

/** Error results of queries that cannot be sent, by refId. */
type UnsentQueries = ReadonlyMap<string, FrameAnswer>;

export interface PreparedQueries {
  readonly queries: readonly PanelQuery[];
  readonly unsent: UnsentQueries;
}

/** The inputs from which a panel's queries are computed. */
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
  // Hidden queries are sent only if the panel has an expression, which may use their results.
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
      unsent.set(target.refId, { frames: [], status: 404, error: missingSource(name) });
      continue;
    }
    // Skips a blank query. The panel's other queries are sent.
    if (isBlankQuery(target.source, source.kind)) continue;
    const adhocFilters = filters.get(source.uid);
    queries.push({
      refId: target.refId,
      datasource: { type: source.type, uid: source.uid },
      ...panelStep(panel, source, range, width, lookup),
      source: {
        ...filledQuery(target.source, source.kind, lookup, { refId: target.refId, targets: panel.targets }),
        ...(source.kind.alignsToZone === true ? { utcOffsetSec: offsetAt(range.to, zone) / 1000 } : {}),
        ...(adhocFilters === undefined ? {} : { adhocFilters }),
      },
    });
  }
  return { queries, unsent };
}

/** Returns the error of a query whose source does not exist. A query without a name uses the default source. */
const missingSource = (name: string): string =>
  name === ""
    ? "The query names no data source, and no data source is the default. Choose a source in the panel, or make one the default."
    : `There is no data source "${name}".`;

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
