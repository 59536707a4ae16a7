import {
  type Dashboard,
  dashboardNames,
  filledOptionsQuery,
  type FilledVariables,
  findSource,
  type Frame,
  loadQueryExtras,
  type Lookup,
  type Panel,
  panelTimeRange,
  type PlacedPanel,
  placePanels,
  prepareQueries,
  rangeNames,
  repeatValues,
  type ResolvedTimeRange,
  resolveTimeRange,
  resolveTimeZone,
  scopedVariables,
  scopeLookup,
  sourceFilters,
  type SourceListing,
  unknownVisit,
  type Variable,
  VariableSet,
} from "@narthex/dashboards";
import { type DataQuery, requestBudgets, type RequestContext, runQueries } from "@narthex/datasources";
import { mapWithLimit } from "@narthex/runtime";
import { RenderError } from "../render-error.ts";
import type { AnsweredPanel } from "./panel-contents.ts";

/** Data sources of the account for which a dashboard is drawn. */
export interface DrawnSources {
  readonly context: RequestContext;
  readonly listed: readonly SourceListing[];
}

interface DrawnView {
  readonly dashboard: Dashboard;
  readonly sources: DrawnSources;
  /** URL parameters of the dashboard's page. */
  readonly parameters: URLSearchParams;
  /** Time zone; empty for that of the dashboard. */
  readonly zone: string;
  readonly theme: "light" | "dark";
  readonly now: number;
  /** Width of the drawn dashboard, CSS pixels. */
  readonly width: number;
}

/** A panel at its position, with the answers to its queries. */
export interface PlacedAnswer extends AnsweredPanel {
  readonly placed: PlacedPanel;
}

/** Maximum number of panels, and number of panels that are queried at the same time. */
const [MAX_PANELS, AT_ONCE] = [100, 4];
/** Time range of a dashboard without a valid one. */
const USUAL_RANGE = { from: "now-6h", to: "now" };

/**
 * Fills the variables of a dashboard, and queries its panels. A failed query becomes the error of its panel. Rejects
 * with RenderError if the time range is invalid or there are too many panels.
 */
export async function answeredPanels(view: DrawnView, signal: AbortSignal): Promise<readonly PlacedAnswer[]> {
  const { dashboard, sources, parameters, now, theme } = view;
  await loadQueryExtras();
  const zone = resolveTimeZone(view.zone || dashboard.timezone);
  const [from, to] = [parameters.get("from") ?? "", parameters.get("to") ?? ""];
  const raw = from === "" ? (dashboard.time ?? USUAL_RANGE) : { from, to };
  const calendar = { now, zone };
  const range = resolveTimeRange(raw, calendar);
  if (range === undefined) throw new RenderError("the time range is invalid: check from and to");
  const names = dashboardNames(dashboard, zone, unknownVisit);
  const builtIns = rangeNames(range, names);
  const { states } = await filledVariables(view, { range, builtIns }, signal);
  const scope = { states, raw, range, names };
  const filters = sourceFilters(states, sources.listed, scopeLookup(scope));
  const placed = placePanels(dashboard.panels, repeatValues(states));
  if (placed.length > MAX_PANELS)
    throw new RenderError(
      `without a browser, at most ${MAX_PANELS} panels are drawn; the dashboard has ${placed.length}`,
    );
  return mapWithLimit(placed, AT_ONCE, async (one): Promise<PlacedAnswer> => {
    const { panel } = one;
    const scoped = scopedVariables(one.scope);
    const times = panelTimeRange(raw, ownTimes(panel), calendar);
    const own = times === undefined ? range : { from: times.from, to: times.to };
    const lookup = scopeLookup(scope, scoped, own);
    const input = { panel, range: own, zone, width: view.width, lookup, sources: sources.listed, filters };
    const answer = await panelAnswer(input, sources.context, signal);
    return { placed: one, panel, lookup, range: own, zone, theme, ...answer };
  });
}

const ownTimes = ({ timeFrom = "", timeShift = "" }: Panel): { timeFrom: string; timeShift: string } => ({
  timeFrom,
  timeShift,
});

async function panelAnswer(
  input: Parameters<typeof prepareQueries>[0],
  context: RequestContext,
  signal: AbortSignal,
): Promise<{ readonly frames: readonly Frame[]; readonly error: string }> {
  const { queries, unsent } = prepareQueries(input);
  const [failed] = unsent.values();
  if (queries.length === 0) return { frames: [], error: failed?.error ?? "" };
  const budgets = requestBudgets();
  const sent = queries.map(({ refId, datasource, intervalMs, maxDataPoints, source }): DataQuery => {
    return { refId, range: input.range, intervalMs, maxDataPoints, source: { ...source, datasource }, budgets };
  });
  const answers = await runQueries(sent, signal, context);
  const frames = [...answers.values()].flatMap((answer) => answer.frames);
  const error = [...answers.values()].find((answer) => answer.error !== undefined)?.error ?? failed?.error ?? "";
  return { frames, error: frames.length > 0 ? "" : error };
}

interface Filling {
  readonly range: ResolvedTimeRange;
  readonly builtIns: Lookup;
}

/** Resolves when all variables have their values. A variable whose query fails keeps its saved value. */
async function filledVariables(
  { dashboard, sources, parameters, now }: DrawnView,
  { range, builtIns }: Filling,
  signal: AbortSignal,
): Promise<FilledVariables> {
  const { listed, context } = sources;
  const filled = Promise.withResolvers<FilledVariables>();
  const set = new VariableSet(dashboard.variables, (next) => {
    if (next.pending.size === 0) filled.resolve(next);
  });
  const onAbort = (): void => filled.reject(new RenderError("the rendering was cancelled"));
  signal.addEventListener("abort", onAbort, { once: true });
  const queryOf = (variable: Variable, lookup: Lookup) => {
    const source = findSource(variable.datasource, listed, lookup);
    const opened = source === undefined ? undefined : context.sourceOf(source.uid);
    if (source === undefined || opened?.variableValues === undefined)
      throw new Error("The data source has no values for variables.");
    const query = filledOptionsQuery(variable.query, source.kind, lookup);
    return {
      key: JSON.stringify([source.uid, query]),
      run: async (control: AbortSignal) => (await opened.variableValues!(query, range, control, context)) as never,
    };
  };
  try {
    set.update({ params: parameters, chosen: new Map(), sources: listed, builtIns, range, queryOf, asOf: now });
    if (dashboard.variables.length === 0) return { states: new Map(), pending: new Set() };
    return await filled.promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    set.close();
  }
}
