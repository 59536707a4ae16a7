import { formatDuration, formatFloat } from "@narthex/model";
import type { ServiceLevel } from "./objective.ts";

type Json = Readonly<Record<string, unknown>>;

const SOURCE = { type: "prometheus", uid: "${source}" };
const WIDTH = 24;
const ROW_HEIGHT = 1;
const PANEL_HEIGHT = 7;

/**
 * Returns a dashboard with a row for each objective: the budget that is left, its course, the share of good events, and
 * the burn rates. Its panels read the recorded series, so it also works in Grafana with any Prometheus.
 */
export function budgetDashboard(levels: readonly ServiceLevel[], title: string): Json {
  return {
    title,
    uid: "",
    schemaVersion: 39,
    editable: true,
    refresh: "1m",
    time: { from: "now-7d", to: "now" },
    templating: { list: [{ name: "source", label: "Data source", type: "datasource", query: "prometheus" }] },
    panels: levels.flatMap(rowOf),
  };
}

function rowOf(level: ServiceLevel, index: number): readonly Json[] {
  const y = index * (ROW_HEIGHT + PANEL_HEIGHT);
  const id = index * 5 + 1;
  const name = level.service === "" ? level.name : `${level.service} / ${level.name}`;
  const percent = formatFloat(Number((level.objective * 100).toFixed(9)));
  const title = `${name}: ${percent} % in ${formatDuration(level.windowMs)}`;
  const left = remaining(level);
  return [
    { id, type: "row", title, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: ROW_HEIGHT }, panels: [] },
    panel(id + 1, "gauge", "Budget left", [0, 4, y], [target("A", left)], budgetField),
    panel(id + 2, "stat", "Good events", [4, 3, y], [target("A", `1 - ${ratio(level)}`)], goodField(level)),
    panel(id + 3, "timeseries", "Budget left", [7, 8, y], [target("A", left, "left")], budgetField),
    panel(id + 4, "timeseries", "Burn rates", [15, 9, y], burnRates(level), { unit: "none", min: 0, decimals: 2 }),
  ];
}

/** Returns a query with the share of bad events in the whole window, the worst if there are several. */
const ratio = ({ queries }: ServiceLevel): string => `max(${queries.errorRatio})`;

const allowed = ({ objective }: ServiceLevel): string => `(1 - ${formatFloat(objective)})`;

const remaining = (level: ServiceLevel): string => `1 - ${ratio(level)} / ${allowed(level)}`;

const burnRates = (level: ServiceLevel): readonly Json[] =>
  level.queries.windows.map(({ windowMs, errorRatio }, at) =>
    target(String.fromCodePoint(65 + (at % 26)), `max(${errorRatio}) / ${allowed(level)}`, formatDuration(windowMs)),
  );

const target = (refId: string, expr: string, legendFormat = ""): Json => ({
  refId,
  expr,
  legendFormat,
  datasource: SOURCE,
});

const budgetField: Json = {
  unit: "percentunit",
  max: 1,
  min: 0,
  decimals: 1,
  thresholds: {
    mode: "absolute",
    steps: [
      { color: "red", value: null },
      { color: "orange", value: 0.1 },
      { color: "green", value: 0.5 },
    ],
  },
};

const goodField = ({ objective }: ServiceLevel): Json => ({
  unit: "percentunit",
  decimals: 3,
  thresholds: {
    mode: "absolute",
    steps: [
      { color: "red", value: null },
      { color: "green", value: objective },
    ],
  },
});

const panel = (
  id: number,
  type: string,
  title: string,
  [x, w, y]: readonly [number, number, number],
  targets: readonly Json[],
  defaults: Json,
): Json => ({
  id,
  type,
  title,
  datasource: SOURCE,
  gridPos: { x, y: y + ROW_HEIGHT, w, h: PANEL_HEIGHT },
  targets,
  fieldConfig: { defaults, overrides: [] },
  options: {},
});
