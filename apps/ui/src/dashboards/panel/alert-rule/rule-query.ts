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
  variablesIn,
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

/** How a rule treats the variables of a panel's queries whose value is All. */
interface AllVariables {
  /** Variables for which the rule matches any value, also values that come later. */
  readonly open: ReadonlySet<string>;
  /** Variables for which the rule has the list of the current values. */
  readonly frozen: ReadonlySet<string>;
}

/** Returns whether a use of a variable is the whole text of a regular expression matcher: `instance=~"$instance"`. */
function isWholeMatcher(expr: string, { index, length }: { readonly index: number; readonly length: number }): boolean {
  let [from, to] = [index - 1, index + length];
  if (expr[from] === "(" && expr[to] === ")") [from, to] = [from - 1, to + 1];
  const quote = expr[from];
  const isQuoted = (quote === '"' || quote === "'") && expr[to] === quote;
  return isQuoted && expr.slice(0, from).trimEnd().endsWith("=~");
}

/**
 * Returns the variables with the value All in the queries. Their values are a list of today. A matcher with that list
 * would ignore the hosts of tomorrow. So `.+` replaces the list if the list is the whole text of a matcher.
 * @param queried names of variables whose values come from a data source; only these lists change by themselves
 */
function allVariables({ panel, lookup }: PanelRequest, queried: ReadonlySet<string>): AllVariables {
  const open = new Set<string>();
  const frozen = new Set<string>();
  for (const { source } of panel.targets) {
    const expr = exprOf(source);
    for (const use of variablesIn(expr)) {
      const bound = queried.has(use.name) ? lookup(use.name, undefined) : undefined;
      if (bound?.addressValues === undefined || bound.isVerbatim) continue;
      (isWholeMatcher(expr, use) ? open : frozen).add(use.name);
    }
  }
  return { open: new Set([...open].filter((name) => !frozen.has(name))), frozen };
}

/** Returns a lookup in which the given variables match any value. */
const withAnyValue =
  (lookup: Lookup, names: ReadonlySet<string>): Lookup =>
  (name, part) =>
    names.has(name) ? verbatim(name, ".+") : lookup(name, part);

/**
 * Returns the queries of a panel from which rules can be generated, with their variables replaced.
 * @param queried names of variables whose values come from a data source
 */
export function ruleQueries(
  request: PanelRequest,
  windowMs: number,
  queried: ReadonlySet<string> = new Set(),
): readonly RuleQuery[] {
  const { range } = request.time;
  if (range === undefined) return [];
  const all = allVariables(request, queried);
  const lookup = withAnyValue(withWindow(request.lookup, windowMs), all.open);
  const { queries } = prepareQueries({ ...request, range, lookup });
  return queries.flatMap(({ refId, datasource, source }) => {
    const queried = request.sources.find(({ uid }) => uid === datasource.uid);
    if (queried === undefined || !hasFeature(queried, "metrics") || exprOf(source).trim() === "") return [];
    const target = request.panel.targets.find((one) => one.refId === refId);
    const names = variableNamesIn(exprOf(target?.source ?? {}));
    const step = STEP_NAMES.filter((name) => names.has(name)).map((name) => `$${name}`);
    const rangeMs = range.to - range.from;
    return [{ refId, datasource, source, step, notes: notesOf(request, { names, all, source, rangeMs }) }];
  });
}

/** Returns notes on how the rule differs from the panel's query. */
function notesOf(
  { panel, time }: PanelRequest,
  {
    names,
    all,
    source,
    rangeMs,
  }: {
    /** Names of the variables in the query. */
    readonly names: ReadonlySet<string>;
    readonly all: AllVariables;
    readonly source: JsonObject;
    readonly rangeMs: number;
  },
): readonly string[] {
  const notes: string[] = [];
  const named = (wanted: Iterable<string>): string =>
    Array.from(wanted)
      .flatMap((name) => (names.has(name) ? [`$${name}`] : []))
      .join(", ");
  if (named(all.open) !== "")
    notes.push(
      `All is chosen for ${named(all.open)}. The rule matches any value with .+, also values that are added later.`,
    );
  if (named(all.frozen) !== "")
    notes.push(
      `All is chosen for ${named(all.frozen)}. The rule has the list of the current values, and ignores later values.`,
    );
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

/** Maximum number of steps of the preview, so that a short firing is also seen in a long range. */
const PREVIEW_STEPS = 4000;

/** Returns the step of the preview, ms: the scrape interval of the source, or more for long ranges. */
export const previewStep = (rangeMs: number, sources: readonly SourceListing[], uid: string | undefined): number =>
  calculateInterval(rangeMs, PREVIEW_STEPS, scrapeInterval(sources, uid));
