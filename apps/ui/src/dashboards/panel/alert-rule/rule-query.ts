import {
  calculateInterval,
  hasFeature,
  type JsonObject,
  leastStep,
  type Lookup,
  type PanelQuery,
  prepareQueries,
  type SourceListing,
  variableNamesIn,
  verbatim,
} from "@narthex/dashboards";
import { formatDuration } from "../../../format/duration.ts";
import type { PanelRequest } from "../../data/panel/panel-request.ts";

/** Variables that depend on the query step. A rule has no step, so the rate window replaces it. */
const STEP_NAMES: readonly string[] = ["__interval", "__interval_ms", "__rate_interval", "__rate_interval_ms"];
const RANGE_NAMES: readonly string[] = ["__range", "__range_s", "__range_ms"];
const MOMENT_NAMES: readonly string[] = ["__from", "__to"];

const USUAL_WINDOW_MS = 300_000;
const USUAL_SCRAPE_MS = 15_000;
const SCRAPES = 4;

export interface RuleQuery {
  readonly refId: string;
  readonly datasource: PanelQuery["datasource"];
  /** JSON of the query with all variables replaced. */
  readonly source: JsonObject;
  /** Variables in the query that depend on the query step, such as `$__interval`. */
  readonly step: readonly string[];
  readonly notes: readonly string[];
}

const exprOf = ({ expr }: JsonObject): string => (typeof expr === "string" ? expr : "");

/** Returns the default window of a rule's rates: five minutes, but at least four scrapes. */
export const usualWindow = (sources: readonly SourceListing[], uid: string | undefined): string =>
  formatDuration(Math.max(USUAL_WINDOW_MS, SCRAPES * scrapeInterval(sources, uid)));

/** Returns the scrape interval of a source's targets, ms. */
function scrapeInterval(sources: readonly SourceListing[], uid: string | undefined): number {
  const source = sources.find((one) => one.uid === uid);
  return source === undefined ? USUAL_SCRAPE_MS : leastStep(source);
}

/** Returns a lookup in which the variables for the query step have the value of the rate window. */
function withWindow(lookup: Lookup, windowMs: number): Lookup {
  const text = formatDuration(windowMs);
  return (name, part) =>
    STEP_NAMES.includes(name) ? verbatim(name, name.endsWith("_ms") ? String(windowMs) : text) : lookup(name, part);
}

/** Returns the queries of a panel from which rules can be generated, with their variables replaced. */
export function ruleQueries(request: PanelRequest, windowMs: number): readonly RuleQuery[] {
  const { range } = request.time;
  if (range === undefined) return [];
  const { queries } = prepareQueries({ ...request, range, lookup: withWindow(request.lookup, windowMs) });
  return queries.flatMap(({ refId, datasource, source }) => {
    const queried = request.sources.find(({ uid }) => uid === datasource.uid);
    if (queried === undefined || !hasFeature(queried, "metrics") || exprOf(source).trim() === "") return [];
    const target = request.panel.targets.find((one) => one.refId === refId);
    const names = variableNamesIn(exprOf(target?.source ?? {}));
    const step = STEP_NAMES.filter((name) => names.has(name)).map((name) => `$${name}`);
    const rangeMs = range.to - range.from;
    return [{ refId, datasource, source, step, notes: notesOf(request, names, source, rangeMs) }];
  });
}

/** Returns notes on how the rule differs from the panel's query. */
function notesOf(
  { panel, time }: PanelRequest,
  names: ReadonlySet<string>,
  source: JsonObject,
  rangeMs: number,
): readonly string[] {
  const notes: string[] = [];
  const named = (wanted: readonly string[]): string =>
    wanted.flatMap((name) => (names.has(name) ? [`$${name}`] : [])).join(", ");
  if (named(RANGE_NAMES) !== "")
    notes.push(`${named(RANGE_NAMES)} is ${formatDuration(rangeMs)} in the rule, the panel's current range.`);
  if (named(MOMENT_NAMES) !== "")
    notes.push(`${named(MOMENT_NAMES)} is fixed in the rule, with the panel's current range.`);
  if (panel.transformations.some(({ disabled }) => !disabled))
    notes.push("The panel transforms the results of its queries. The rule evaluates only the query.");
  if ((panel.timeShift ?? "") !== "")
    notes.push(`The panel shows an earlier time (${time.words}). The rule evaluates the current time.`);
  if (source["format"] === "heatmap")
    notes.push("The query returns the buckets of a histogram. Compare a quantile instead of each bucket.");
  return notes;
}

/** Returns the step of the preview, ms: the scrape interval of the source, or more for long ranges. */
export const previewStep = (rangeMs: number, sources: readonly SourceListing[], uid: string | undefined): number =>
  calculateInterval(rangeMs, 1000, scrapeInterval(sources, uid));
