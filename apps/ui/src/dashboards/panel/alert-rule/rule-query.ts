import {
  calculateInterval,
  type JsonObject,
  type Lookup,
  parseInterval,
  variableNamesIn,
  verbatim,
} from "@narthex/dashboards";
import { formatDuration } from "../../../format/duration.ts";
import { prepareQueries, type SourceListing } from "../../query/ask-panel.ts";
import type { PanelQuery } from "../../query/query-client.ts";
import type { PanelRequest } from "../panel-request.ts";

/** What a panel's query says of the step it is asked with; a rule has none. */
const STEP_NAMES: readonly string[] = ["__interval", "__interval_ms", "__rate_interval", "__rate_interval_ms"];
const RANGE_NAMES: readonly string[] = ["__range", "__range_s", "__range_ms"];
const MOMENT_NAMES: readonly string[] = ["__from", "__to"];

const USUAL_WINDOW_MS = 300_000;
const USUAL_SCRAPE_MS = 15_000;
const SCRAPES = 4;

/** A query that a rule can be made of. */
export interface RuleQuery {
  readonly refId: string;
  readonly datasource: PanelQuery["datasource"];
  /** All its variables filled in. */
  readonly source: JsonObject;
  /** Names in it that depend on how a panel is looked at, as they are written. */
  readonly step: readonly string[];
  readonly notes: readonly string[];
}

const exprOf = ({ expr }: JsonObject): string => (typeof expr === "string" ? expr : "");

/** How long rates of a rule look back where nobody says: five minutes, and no less than four scrapes. */
export const usualWindow = (sources: readonly SourceListing[], uid: string | undefined): string =>
  formatDuration(Math.max(USUAL_WINDOW_MS, SCRAPES * scrapeInterval(sources, uid)));

/** How often a source's targets are scraped, ms. */
function scrapeInterval(sources: readonly SourceListing[], uid: string | undefined): number {
  const source = sources.find((one) => one.uid === uid);
  return parseInterval(source?.timeInterval ?? "") ?? USUAL_SCRAPE_MS;
}

/** Names of steps stand for a window, all others for what they stand for now. */
function withWindow(lookup: Lookup, windowMs: number): Lookup {
  const text = formatDuration(windowMs);
  return (name, part) =>
    STEP_NAMES.includes(name) ? verbatim(name, name.endsWith("_ms") ? String(windowMs) : text) : lookup(name, part);
}

/** The queries of a panel as rules have them. */
export function ruleQueries(request: PanelRequest, windowMs: number): readonly RuleQuery[] {
  const { range } = request.time;
  if (range === undefined) return [];
  const { queries } = prepareQueries({ ...request, range, lookup: withWindow(request.lookup, windowMs) });
  return queries.flatMap(({ refId, datasource, source }) => {
    if (datasource.type !== "prometheus" || exprOf(source).trim() === "") return [];
    const target = request.panel.targets.find((one) => one.refId === refId);
    const names = variableNamesIn(exprOf(target?.source ?? {}));
    const step = STEP_NAMES.filter((name) => names.has(name)).map((name) => `$${name}`);
    const rangeMs = range.to - range.from;
    return [{ refId, datasource, source, step, notes: notesOf(request, names, source, rangeMs) }];
  });
}

/** What the rule does otherwise than the panel. */
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
    notes.push(`${named(RANGE_NAMES)} is ${formatDuration(rangeMs)} in the rule, the range of the panel now.`);
  if (named(MOMENT_NAMES) !== "")
    notes.push(`${named(MOMENT_NAMES)} is a fixed moment in the rule: those of the panel's range now.`);
  if (panel.transformations.some(({ disabled }) => !disabled))
    notes.push("The panel transforms what its queries give; the rule looks at the query alone.");
  if ((panel.timeShift ?? "") !== "")
    notes.push(`The panel shows an earlier time (${time.words}); the rule looks at now.`);
  if (source["format"] === "heatmap")
    notes.push("The query gives the buckets of a histogram; compare a quantile of it rather than each bucket.");
  return notes;
}

/** The step at which a range is looked through for alerts, ms: that of its source's samples, where that is not too much. */
export const previewStep = (rangeMs: number, sources: readonly SourceListing[], uid: string | undefined): number =>
  calculateInterval(rangeMs, 1000, scrapeInterval(sources, uid));
