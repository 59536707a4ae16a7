import { isEarlierPeriod } from "@narthex/dashboards";
import { knownTimeZone } from "@narthex/dashboards/time";
import { formatDuration, parseDuration } from "../format/duration.ts";
import { formatInstant, parseInstant } from "../format/instant.ts";
import { readRaw } from "../time/time-range.ts";
import { defaultPanel } from "./panel.ts";
import type { Density, DisplayMode, Panel, PanelTab, Resolution } from "./panel.ts";

const tabs: ReadonlyMap<string, PanelTab> = new Map([
  ["graph", "graph"],
  ["table", "table"],
  ["explain", "explain"],
  ["plan", "plan"],
  ["0", "graph"],
  ["1", "table"],
]);
const displayModes: readonly string[] = ["lines", "stacked", "heatmap"];
/** Maximum length of the id of a unit. */
const MAX_UNIT = 100;
const densities: readonly string[] = ["low", "medium", "high"];

/**
 * Parses the query panels in a URL: groups of parameters from `g0` up to the first index without an expression. Invalid
 * values become defaults, and URLs of older releases are supported.
 */
export function decodePanels(search: string): Panel[] {
  const params = new URLSearchParams(search);
  const panels: Panel[] = [];
  for (let index = 0; params.has(`g${index}.expr`); index++) {
    panels.push(decodePanel((name) => params.get(`g${index}.${name}`)));
  }
  return panels;
}

type Lookup = (name: string) => string | null;

function decodePanel(param: Lookup): Panel {
  const rangeMs = parseDuration(param("range_input") ?? "");
  const compare = param("compare") ?? "";
  const zone = param("timezone") ?? "";
  const scrapeMs = parseDuration(param("scrape_interval") ?? "");
  return {
    dataSource: param("datasource"),
    // Normalises line endings as a text field does, so that query, history and editor contain the same text.
    expr: (param("expr") ?? "").replace(/\r\n?/g, "\n"),
    tab: tabs.get(param("tab") ?? "") ?? defaultPanel.tab,
    showTree: param("show_tree") === "1",
    rangeMs: rangeMs === null || rangeMs <= 0 ? defaultPanel.rangeMs : rangeMs,
    endMs: decodeEnd(param),
    resolution: decodeResolution(param),
    displayMode: decodeDisplayMode(param),
    yAxisMin: finite(param("y_axis_min")),
    showExemplars: param("show_exemplars") === "1",
    raw: readRaw(param("from"), param("to")),
    compare: isEarlierPeriod(compare) ? compare : "",
    unit: (param("unit") ?? "").slice(0, MAX_UNIT),
    zone: knownTimeZone(zone) !== undefined ? zone : "",
    scrapeMs: scrapeMs === null || scrapeMs <= 0 ? defaultPanel.scrapeMs : scrapeMs,
  };
}

function decodeEnd(param: Lookup): number | null {
  // Reads the end time of a range. URLs contain it as both `moment_input` and `end_input`; if they differ,
  // `moment_input` is used.
  return parseInstant(param("moment_input") ?? "", "UTC") ?? parseInstant(param("end_input") ?? "", "UTC");
}

function decodeDisplayMode(param: Lookup): DisplayMode {
  const legacy = param("stacked");
  if (legacy !== null) return legacy === "1" ? "stacked" : "lines";
  const mode = param("display_mode") ?? "";
  return displayModes.includes(mode) ? (mode as DisplayMode) : defaultPanel.displayMode;
}

function decodeResolution(param: Lookup): Resolution {
  const type = param("res_type");
  const density = param("res_density") ?? "";
  const step = finite(param("res_step"));
  if (type === "auto") return { type, density: densities.includes(density) ? (density as Density) : "medium" };
  if ((type === "fixed" || type === "custom") && step !== null && step > 0) return { type, stepSeconds: step };
  const legacyStep = Number.parseInt(param("step_input") ?? "", 10);
  if (legacyStep > 0) return { type: "custom", stepSeconds: legacyStep };
  return defaultPanel.resolution;
}

function finite(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Encodes query panels as URL parameters, without the question mark. `decodePanels` parses the parameters. */
export function encodePanels(panels: readonly Panel[]): string {
  const parts: string[] = [];
  for (const [index, panel] of panels.entries()) {
    for (const [name, value] of panelParams(panel)) parts.push(`g${index}.${name}=${encodeURIComponent(value)}`);
  }
  return parts.join("&");
}

function panelParams(panel: Panel): Array<[string, string]> {
  const params: Array<[string, string]> = [
    ["expr", panel.expr],
    ["show_tree", panel.showTree ? "1" : "0"],
    ["tab", panel.tab],
  ];
  if (panel.dataSource !== null) params.push(["datasource", panel.dataSource]);
  if (panel.endMs !== null) {
    const end = formatInstant(panel.endMs, "UTC");
    params.push(["end_input", end], ["moment_input", end]);
  }
  params.push(["range_input", formatDuration(panel.rangeMs)], ["res_type", panel.resolution.type]);
  if (panel.resolution.type === "auto") params.push(["res_density", panel.resolution.density]);
  else params.push(["res_step", String(panel.resolution.stepSeconds)]);
  params.push(["display_mode", panel.displayMode]);
  if (panel.yAxisMin !== null) params.push(["y_axis_min", String(panel.yAxisMin)]);
  params.push(["show_exemplars", panel.showExemplars ? "1" : "0"]);
  // The following parameters are not in links of Prometheus, which ignores them.
  if (panel.raw !== null) params.push(["from", panel.raw.from], ["to", panel.raw.to]);
  if (panel.compare !== "") params.push(["compare", panel.compare]);
  if (panel.unit !== "") params.push(["unit", panel.unit]);
  if (panel.zone !== "") params.push(["timezone", panel.zone]);
  if (panel.scrapeMs !== defaultPanel.scrapeMs) params.push(["scrape_interval", formatDuration(panel.scrapeMs)]);
  return params;
}

/** Returns the path and parameters of the query page for one expression. */
export function expressionPath(expr: string, tab: "table" | "graph" = "table"): string {
  return `/query?g0.expr=${encodeURIComponent(expr)}&g0.tab=${tab === "table" ? "1" : "0"}`;
}
