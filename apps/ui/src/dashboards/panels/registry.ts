import { type PanelKindId, panelKinds } from "@narthex/dashboards";
import { createElement } from "react";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import type { DrawnKind, PanelModule } from "../contracts/panel-kind.ts";
import { pluginKindOf } from "./plugins/plugin-kinds.ts";

/**
 * The code of each panel type, loaded on first use. To add a type, copy the folder `text`, which is the shortest. Write
 * its option tables, component and test; add a line here and in `panel-kinds.ts` of `packages/dashboards`.
 */
const modules: Readonly<Record<PanelKindId, () => Promise<PanelModule>>> = {
  timeseries: async () => (await import("./timeseries/index.ts")).timeSeries,
  table: async () => (await import("./table/index.ts")).table,
  "state-timeline": async () => (await import("./state-timeline/index.ts")).stateTimeline,
  "status-history": async () => (await import("./status-history/index.ts")).statusHistory,
  text: async () => (await import("./text/index.ts")).text,
  logs: async () => (await import("./logs/index.ts")).logs,
  dashlist: async () => (await import("./dashlist/index.ts")).dashboardList,
  annolist: async () => (await import("./annolist/index.ts")).annotationList,
  alertlist: async () => (await import("./alertlist/index.ts")).alertList,
  stat: async () => (await import("./stat/index.ts")).stat,
  gauge: async () => (await import("./gauge/index.ts")).gauge,
  bargauge: async () => (await import("./bargauge/index.ts")).barGauge,
  heatmap: async () => (await import("./heatmap/index.ts")).heatmap,
  barchart: async () => (await import("./barchart/index.ts")).barChart,
  histogram: async () => (await import("./histogram/index.ts")).histogram,
  trend: async () => (await import("./trend/index.ts")).trend,
  xychart: async () => (await import("./xychart/index.ts")).xyChart,
  piechart: async () => (await import("./piechart/index.ts")).pieChart,
  traces: async () => (await import("./traces/index.ts")).traces,
  nodeGraph: async () => (await import("./node-graph/index.ts")).nodeGraph,
  geomap: async () => (await import("./geomap/index.ts")).geomap,
};

export const drawnKinds: readonly DrawnKind[] = panelKinds.map((kind) => ({
  ...kind,
  load: modules[kind.id],
  Panel: whenLoaded(
    async () => ({ default: (await modules[kind.id]()).Panel }),
    createElement("span", { hidden: true, "data-panel-drawing": true }),
  ),
}));

const byId = new Map<string, DrawnKind>(drawnKinds.map((kind) => [kind.id, kind]));

/** Returns the panel type with this id, or undefined if it is not supported. */
export const drawnKindOf = (type: string): DrawnKind | undefined => byId.get(type) ?? pluginKindOf(type);
