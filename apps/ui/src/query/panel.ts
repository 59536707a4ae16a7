/** How a panel shows its result. */
export type PanelTab = "table" | "graph" | "explain";

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
export interface Panel {
  readonly expr: string;
  readonly tab: PanelTab;
  readonly showTree: boolean;
  readonly rangeMs: number;
  /** End of the graph and time of the table, Unix milliseconds; null is now. */
  readonly endMs: number | null;
  readonly resolution: Resolution;
  readonly displayMode: DisplayMode;
  /** Lower end of the y axis; null lets the data decide. */
  readonly yAxisMin: number | null;
  readonly showExemplars: boolean;
}

/** A panel as it is when a link says nothing else. */
export const defaultPanel: Panel = {
  expr: "",
  tab: "table",
  showTree: false,
  rangeMs: 3_600_000,
  endMs: null,
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

const rangeLadderMs = [
  1, 10, 60, 300, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_419_200, 4_838_400,
  9_676_800, 15_724_800, 31_536_000, 63_072_000,
].map((seconds) => seconds * 1000);

/** The next longer range of the ladder, or the same where there is none. */
export function longerRange(rangeMs: number): number {
  return rangeLadderMs.find((step) => step > rangeMs) ?? rangeMs;
}

/** The next shorter range of the ladder, or the same where there is none. */
export function shorterRange(rangeMs: number): number {
  return rangeLadderMs.findLast((step) => step < rangeMs) ?? rangeMs;
}
