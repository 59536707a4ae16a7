/**
 * The panel kinds that can be shown, including rows. Kinds that are converted to others when a dashboard is read are
 * not included.
 */
export const panelTypes: ReadonlySet<string> = new Set([
  "alertlist",
  "annolist",
  "barchart",
  "bargauge",
  "dashlist",
  "gauge",
  "heatmap",
  "histogram",
  "logs",
  "piechart",
  "row",
  "stat",
  "state-timeline",
  "status-history",
  "table",
  "text",
  "timeseries",
  "trend",
  "xychart",
]);
