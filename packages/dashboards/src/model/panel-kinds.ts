/** Description of a kind of panel. The code that draws it is elsewhere. */
export interface PanelKind {
  /** Id of the kind, which is the `type` of its panels in JSON. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Whether panels of this kind show the results of queries, unlike a text panel. */
  readonly isFed: boolean;
  /** Whether panels of this kind have a time axis, on which annotations can be shown. */
  readonly isOverTime?: boolean;
  /** Whether panels of this kind can show data of an earlier period next to the current data. */
  readonly showsEarlier?: boolean;
  /** Default colour mode of fields. If it is undefined, thresholds determine the colours. */
  readonly usualColor?: string;
}

/**
 * All kinds of panels that can be shown, without old types that are converted. The kinds that are used most are first.
 */
const kinds = [
  {
    id: "timeseries",
    name: "Time series",
    description: "Lines, bars or points over time",
    isFed: true,
    isOverTime: true,
    showsEarlier: true,
    usualColor: "palette-classic",
  },
  {
    id: "stat",
    name: "Stat",
    description: "Values as great numbers, over their course",
    isFed: true,
    showsEarlier: true,
  },
  {
    id: "gauge",
    name: "Gauge",
    description: "Values on arcs between the least and the greatest",
    isFed: true,
  },
  {
    id: "bargauge",
    name: "Bar gauge",
    description: "Values as bars between the least and the greatest",
    isFed: true,
    showsEarlier: true,
  },
  {
    id: "table",
    name: "Table",
    description: "Values in rows and columns",
    isFed: true,
    showsEarlier: true,
  },
  {
    id: "barchart",
    name: "Bar chart",
    description: "Rows as groups of bars",
    isFed: true,
    usualColor: "palette-classic",
  },
  {
    id: "piechart",
    name: "Pie chart",
    description: "Values as parts of what they are together",
    isFed: true,
    usualColor: "palette-classic",
  },
  {
    id: "state-timeline",
    name: "State timeline",
    description: "States and how long they lasted",
    isFed: true,
    isOverTime: true,
    usualColor: "continuous-GrYlRd",
  },
  {
    id: "status-history",
    name: "Status history",
    description: "A box for each state over time",
    isFed: true,
    isOverTime: true,
  },
  {
    id: "heatmap",
    name: "Heatmap",
    description: "Counts by times and values, told by colours",
    isFed: true,
    isOverTime: true,
  },
  {
    id: "histogram",
    name: "Histogram",
    description: "How many values lie in each of the buckets",
    isFed: true,
    usualColor: "palette-classic",
  },
  {
    id: "text",
    name: "Text",
    description: "Markdown, HTML or code",
    isFed: false,
  },
  {
    id: "logs",
    name: "Logs",
    description: "Lines of logs with their times and labels",
    isFed: true,
  },
  {
    id: "alertlist",
    name: "Alert list",
    description: "Alerts of servers and Alertmanagers, by their states",
    isFed: false,
  },
  {
    id: "dashlist",
    name: "Dashboard list",
    description: "Links to dashboards: starred, recently viewed or found",
    isFed: false,
  },
  {
    id: "annolist",
    name: "Annotations list",
    description: "What people have marked on dashboards",
    isFed: false,
  },
  {
    id: "nodeGraph",
    name: "Node graph",
    description: "Nodes and the edges between them, with their numbers",
    isFed: true,
  },
  {
    id: "traces",
    name: "Traces",
    description: "The spans of a trace with their times",
    isFed: true,
  },
  {
    id: "geomap",
    name: "Geomap",
    description: "Places as markers on a map",
    isFed: true,
  },
  {
    id: "trend",
    name: "Trend",
    description: "Lines, bars or points over numbers that ascend",
    isFed: true,
    usualColor: "palette-classic",
  },
  {
    id: "xychart",
    name: "XY chart",
    description: "Numbers over other numbers, as points or lines",
    isFed: true,
    usualColor: "palette-classic",
  },
] as const satisfies readonly PanelKind[];

export type PanelKindId = (typeof kinds)[number]["id"];

/** All kinds of panels, in the order in which the editor lists them. */
export const panelKinds: readonly (PanelKind & { readonly id: PanelKindId })[] = kinds;

/** Returns the kind of a panel by its `type`. Undefined for a kind that is not supported, and for a row. */
export const panelKindOf = (type: string): PanelKind | undefined => kinds.find(({ id }) => id === type);
