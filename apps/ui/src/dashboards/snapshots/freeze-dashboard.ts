import {
  expandRows,
  type Frame,
  frameToJson,
  interpolate,
  isAll,
  type JsonObject,
  type Panel,
  type PlacedPanel,
  type ResolvedTimeRange,
  repeatPanels,
  type VariableState,
} from "@narthex/dashboards";
import { askInspected } from "../panel/inspect/ask-inspected.ts";
import type { DashboardContextValue } from "../page/dashboard-context.ts";
import type { VariableStates } from "../page/dashboard-scope.ts";
import { repeatValues, scopedVariables } from "../page/scoped-variables.ts";
import { panelKindOf } from "../panels/registry.ts";
import { FROZEN_QUERY } from "../query/frozen-frames.ts";

/** What panels out of sight are asked for, pixels. */
const USUAL_WIDTH = 800;
/** The source of what a dashboard carries itself. */
const OWN_SOURCE = { type: "grafana", uid: "-- Grafana --" };

interface FreezeOptions {
  readonly states: VariableStates;
  readonly name: string;
  /** Epoch ms. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Called with how many panels have their data, and how many there are. */
  readonly onProgress: (done: number, all: number) => void;
}

/** A dashboard that shows what it shows now for ever: each panel carries its data, repeats stand as panels, variables are fixed. */
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
  const { frames } = await askInspected(inspected, context, signal);
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
  // Data that were asked over a range of their own stand on the axis of that range.
  ...(panel.timeFrom === undefined ? {} : { timeFrom: panel.timeFrom }),
  targets: [{ refId: "A", datasource: OWN_SOURCE, queryType: FROZEN_QUERY, snapshot: frames.map(frameToJson) }],
});

/** A variable whose only choice is what it was; nobody is asked for it. */
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
