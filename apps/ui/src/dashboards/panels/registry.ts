import { createElement } from "react";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import type { PanelKind, PanelModule } from "./panel-kind.ts";

type KindLine = Omit<PanelKind, "Panel">;

/** Returns a kind of panel whose code is loaded when the first panel of this kind is drawn. */
const kind = (line: KindLine): PanelKind => ({
  ...line,
  Panel: whenLoaded(
    async () => ({ default: (await line.load()).Panel }),
    createElement("span", { hidden: true, "data-panel-drawing": true }),
  ),
});

/**
 * All kinds of panels. To add a kind: (1) copy `text`, the shortest folder; (2) write its option tables, its component
 * and its test; (3) add a line here.
 */
export const panelKinds: readonly PanelKind[] = [
  kind({
    id: "timeseries",
    name: "Time series",
    description: "Lines, bars or points over time",
    isFed: true,
    isOverTime: true,
    showsEarlier: true,
    usualColor: "palette-classic",
    load: async (): Promise<PanelModule> => (await import("./timeseries/index.ts")).timeSeries,
  }),
  kind({
    id: "table",
    name: "Table",
    description: "Values in rows and columns",
    isFed: true,
    showsEarlier: true,
    load: async (): Promise<PanelModule> => (await import("./table/index.ts")).table,
  }),
  kind({
    id: "state-timeline",
    name: "State timeline",
    description: "States and how long they lasted",
    isFed: true,
    isOverTime: true,
    usualColor: "continuous-GrYlRd",
    load: async (): Promise<PanelModule> => (await import("./state-timeline/index.ts")).stateTimeline,
  }),
  kind({
    id: "status-history",
    name: "Status history",
    description: "A box for each state over time",
    isFed: true,
    isOverTime: true,
    load: async (): Promise<PanelModule> => (await import("./status-history/index.ts")).statusHistory,
  }),
  kind({
    id: "text",
    name: "Text",
    description: "Markdown, HTML or code",
    isFed: false,
    load: async (): Promise<PanelModule> => (await import("./text/index.ts")).text,
  }),
  kind({
    id: "logs",
    name: "Logs",
    description: "Lines of logs with their times and labels",
    isFed: true,
    load: async (): Promise<PanelModule> => (await import("./logs/index.ts")).logs,
  }),
  kind({
    id: "dashlist",
    name: "Dashboard list",
    description: "Links to dashboards: starred, recently viewed or found",
    isFed: false,
    load: async (): Promise<PanelModule> => (await import("./dashlist/index.ts")).dashboardList,
  }),
  kind({
    id: "annolist",
    name: "Annotations list",
    description: "What people have marked on dashboards",
    isFed: false,
    load: async (): Promise<PanelModule> => (await import("./annolist/index.ts")).annotationList,
  }),
  kind({
    id: "alertlist",
    name: "Alert list",
    description: "Alerts of servers and Alertmanagers, by their states",
    isFed: false,
    load: async (): Promise<PanelModule> => (await import("./alertlist/index.ts")).alertList,
  }),
  kind({
    id: "stat",
    name: "Stat",
    description: "Values as great numbers, over their course",
    isFed: true,
    showsEarlier: true,
    load: async (): Promise<PanelModule> => (await import("./stat/index.ts")).stat,
  }),
  kind({
    id: "gauge",
    name: "Gauge",
    description: "Values on arcs between the least and the greatest",
    isFed: true,
    load: async (): Promise<PanelModule> => (await import("./gauge/index.ts")).gauge,
  }),
  kind({
    id: "bargauge",
    name: "Bar gauge",
    description: "Values as bars between the least and the greatest",
    isFed: true,
    showsEarlier: true,
    load: async (): Promise<PanelModule> => (await import("./bargauge/index.ts")).barGauge,
  }),
  kind({
    id: "heatmap",
    name: "Heatmap",
    description: "Counts by times and values, told by colours",
    isFed: true,
    isOverTime: true,
    load: async (): Promise<PanelModule> => (await import("./heatmap/index.ts")).heatmap,
  }),
  kind({
    id: "barchart",
    name: "Bar chart",
    description: "Rows as groups of bars",
    isFed: true,
    usualColor: "palette-classic",
    load: async (): Promise<PanelModule> => (await import("./barchart/index.ts")).barChart,
  }),
  kind({
    id: "histogram",
    name: "Histogram",
    description: "How many values lie in each of the buckets",
    isFed: true,
    usualColor: "palette-classic",
    load: async (): Promise<PanelModule> => (await import("./histogram/index.ts")).histogram,
  }),
  kind({
    id: "trend",
    name: "Trend",
    description: "Lines, bars or points over numbers that ascend",
    isFed: true,
    usualColor: "palette-classic",
    load: async (): Promise<PanelModule> => (await import("./trend/index.ts")).trend,
  }),
  kind({
    id: "xychart",
    name: "XY chart",
    description: "Numbers over other numbers, as points or lines",
    isFed: true,
    usualColor: "palette-classic",
    load: async (): Promise<PanelModule> => (await import("./xychart/index.ts")).xyChart,
  }),
  kind({
    id: "piechart",
    name: "Pie chart",
    description: "Values as parts of what they are together",
    isFed: true,
    usualColor: "palette-classic",
    load: async (): Promise<PanelModule> => (await import("./piechart/index.ts")).pieChart,
  }),
];

const byId = new Map(panelKinds.map((one) => [one.id, one]));

/** Returns the kind for a panel's `type`; undefined if it is not supported. */
export const panelKindOf = (type: string): PanelKind | undefined => byId.get(type);
