import {
  expandRows,
  type Frame,
  frameToJson,
  FROZEN_QUERY,
  interpolate,
  isAll,
  type JsonObject,
  type Panel,
  panelKindOf,
  type PlacedPanel,
  repeatPanels,
  repeatValues,
  type ResolvedTimeRange,
  scopedVariables,
  type VariableState,
  type VariableStates,
} from "@narthex/dashboards";
import { fetchInspected } from "../panel/inspect/fetch-inspected.ts";
import type { DashboardContextValue } from "../data/dashboard-context.ts";

/** Assumed width in pixels of panels that are not rendered. The query step depends on it. */
const USUAL_WIDTH = 800;
/** Reference to the data source for data that the dashboard's JSON itself contains. */
const OWN_SOURCE = { type: "grafana", uid: "-- Grafana --" };

interface FreezeOptions {
  readonly states: VariableStates;
  readonly name: string;
  /** Time of the snapshot, epoch ms. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Called with the number of panels whose data has arrived, and the total number of panels. */
  readonly onProgress: (done: number, all: number) => void;
}

/**
 * Returns a dashboard's JSON with its current data for a snapshot. Panels contain query results, repeated panels are
 * copied, and variables keep their values.
 */
export async function freezeDashboard(context: DashboardContextValue, options: FreezeOptions): Promise<JsonObject> {
  const { dashboard, range } = context;
  const { states, signal, onProgress } = options;
  const placed = repeatPanels(expandRows(dashboard.panels, dashboard.panels), repeatValues(states));
  let done = 0;
  const panels = await Promise.all(
    placed.map(async (one, at) => {
      const frames = await framesOf(one, context, signal);
      onProgress(++done, placed.length);
      return frozenPanel(one, at + 1, frames, context);
    }),
  );
  return {
    ...dashboard.source,
    id: null,
    uid: null,
    title: options.name,
    editable: false,
    refresh: "",
    time: frozenTime(range),
    panels,
    templating: { list: [...states.values()].map(frozenVariable) },
    annotations: { list: [] },
    snapshot: { timestamp: new Date(options.now).toISOString(), originalUrl: location.href },
  };
}

const frozenTime = ({ from, to }: ResolvedTimeRange): JsonObject => ({
  from: String(from),
  to: String(to),
});

async function framesOf(
  { panel, scope }: PlacedPanel,
  context: DashboardContextValue,
  signal: AbortSignal,
): Promise<readonly Frame[] | undefined> {
  if (panel.type === "row" || panelKindOf(panel.type)?.isFed === false) return undefined;
  const inspected = { panel, scoped: scopedVariables(scope), width: USUAL_WIDTH };
  const { frames } = await fetchInspected(inspected, context, signal);
  return frames;
}

function frozenPanel(
  { panel, scope, position }: PlacedPanel,
  id: number,
  frames: readonly Frame[] | undefined,
  context: DashboardContextValue,
): JsonObject {
  const {
    repeat: _repeat,
    repeatDirection: _direction,
    libraryPanel: _library,
    panels: _panels,
    ...rest
  } = panel.source;
  const lookup = context.lookupFor(scopedVariables(scope));
  const { x, y, w, h } = position;
  return {
    ...rest,
    id,
    gridPos: { x, y, w, h },
    title: interpolate(panel.title, lookup, "text"),
    description: interpolate(panel.description, lookup, "text"),
    ...(panel.type === "row" ? { collapsed: false, panels: [] } : {}),
    ...(frames === undefined ? {} : frozenQuery(panel, frames)),
  };
}

const frozenQuery = (panel: Panel, frames: readonly Frame[]): JsonObject => ({
  datasource: OWN_SOURCE,
  // The snapshot keeps a panel's own time range, because the time axis must match the data.
  ...(panel.timeFrom === undefined ? {} : { timeFrom: panel.timeFrom }),
  targets: [{ refId: "A", datasource: OWN_SOURCE, queryType: FROZEN_QUERY, snapshot: frames.map(frameToJson) }],
});

/** Returns a variable whose only option is its current value. Such a variable needs no query. */
function frozenVariable({ variable, current, options }: VariableState): JsonObject {
  const chosen = isAll(current) ? options : current;
  const texts = chosen.map(({ text }) => text);
  const values = chosen.map(({ value }) => value);
  return {
    name: variable.name,
    label: variable.label,
    type: "custom",
    multi: true,
    includeAll: false,
    hide: 2,
    skipUrlSync: true,
    query: chosen.map(({ text, value }) => `${escaped(text)} : ${escaped(value)}`).join(","),
    current: { text: texts, value: values },
    options: chosen.map((option) => ({ ...option, selected: true })),
  };
}

const escaped = (text: string): string => text.replaceAll(",", "\\,");
