import { defaultTimeRange } from "../time/time-range.ts";
import type { TimeRange } from "../time/time-range.ts";

/** How a panel shows its result. */
export type PanelTab = "table" | "graph" | "explain" | "plan";

/** How the lines of a graph are drawn. */
export type DisplayMode = "lines" | "stacked" | "heatmap";

/** Density of an automatic resolution. */
export type Density = "low" | "medium" | "high";

/** Distance of a graph's points: by the range, or a number of seconds picked or typed. */
export type Resolution =
  | { readonly type: "auto"; readonly density: Density }
  | { readonly type: "fixed"; readonly stepSeconds: number }
  | { readonly type: "custom"; readonly stepSeconds: number };

/** Everything about a query panel that a link carries. */
export interface Panel extends TimeRange {
  /** The id of the source that answers; null is the first of the registry. */
  readonly dataSource: string | null;
  readonly expr: string;
  readonly tab: PanelTab;
  readonly showTree: boolean;
  readonly resolution: Resolution;
  readonly displayMode: DisplayMode;
  /** Lower end of the y axis; null lets the data decide. */
  readonly yAxisMin: number | null;
  readonly showExemplars: boolean;
}

/** A panel as it is when a link says nothing else. */
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
};

const pointsByDensity: Readonly<Record<Density, number>> = { low: 100, medium: 250, high: 750 };

/** Step of a graph in seconds; an automatic one is whole and at least 1. */
export function stepSeconds(resolution: Resolution, rangeMs: number): number {
  if (resolution.type !== "auto") return resolution.stepSeconds;
  return Math.max(Math.floor(rangeMs / 1000 / pointsByDensity[resolution.density]), 1);
}

/** A panel without its time range, which its parts have from their context. */
export type TimelessPanel = Omit<Panel, keyof TimeRange>;

/** What a tab of a panel works with; `queryKey` is new for every run. */
export interface TabProps {
  readonly panel: TimelessPanel;
  readonly queryKey: readonly unknown[];
  readonly onChange: (change: Partial<TimelessPanel>) => void;
}
