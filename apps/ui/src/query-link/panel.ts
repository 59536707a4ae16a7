import { defaultTimeRange } from "../time/time-range.ts";
import type { TimeRange } from "../time/time-range.ts";

export type PanelTab = "table" | "graph" | "explain" | "plan";

export type DisplayMode = "lines" | "stacked" | "heatmap";

export type Density = "low" | "medium" | "high";

/** Step of a graph: computed from the range, or a selected or typed number of seconds. */
export type Resolution =
  | { readonly type: "auto"; readonly density: Density }
  | { readonly type: "fixed"; readonly stepSeconds: number }
  | { readonly type: "custom"; readonly stepSeconds: number };

/** State of a query panel that is stored in the URL. */
export interface Panel extends TimeRange {
  /** Id of the data source; null for the first one in the registry. */
  readonly dataSource: string | null;
  readonly expr: string;
  readonly tab: PanelTab;
  readonly showTree: boolean;
  readonly resolution: Resolution;
  readonly displayMode: DisplayMode;
  /** Minimum of the y axis; null for an automatic one. */
  readonly yAxisMin: number | null;
  readonly showExemplars: boolean;
  /** How far back the compared time range is, such as `1d`. Empty for no comparison. */
  readonly compare: string;
  /** Unit of the values, an id of Grafana's units such as `bytes`; empty for plain numbers. */
  readonly unit: string;
  /** Time zone in the notation of dashboards; empty for the user's zone. */
  readonly zone: string;
  /** Interval of the scrapes in ms, from which `$__rate_interval` is computed. */
  readonly scrapeMs: number;
}

/** Defaults of a panel for properties that a link does not contain. */
export const defaultPanel: Panel = {
  ...defaultTimeRange,
  dataSource: null,
  expr: "",
  tab: "table",
  showTree: false,
  resolution: { type: "auto", density: "medium" },
  displayMode: "lines",
  yAxisMin: null,
  showExemplars: false,
  compare: "",
  unit: "",
  zone: "",
  scrapeMs: 15_000,
};

const pointsByDensity: Readonly<Record<Density, number>> = { low: 100, medium: 250, high: 750 };

/** Returns the step of a graph in seconds. An automatic step is a whole number and at least 1. */
export function stepSeconds(resolution: Resolution, rangeMs: number): number {
  if (resolution.type !== "auto") return resolution.stepSeconds;
  return Math.max(Math.floor(rangeMs / 1000 / pointsByDensity[resolution.density]), 1);
}

/** A query panel without its time range, which components get from a context. */
export type TimelessPanel = Omit<Panel, keyof TimeRange>;

/** Properties of a result tab. `queryKey` is different each time the query is run. */
export interface TabProps {
  readonly panel: TimelessPanel;
  readonly queryKey: readonly unknown[];
  readonly onChange: (change: Partial<TimelessPanel>) => void;
}
