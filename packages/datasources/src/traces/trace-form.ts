import type { SourceSetting } from "@narthex/dashboards";

/** Inputs for a source of traces: the view of a trace, and the links from a span to its logs and metrics. */
export function traceForm(): readonly SourceSetting[] {
  const shifted = { path: ["jsonData", "traceQuery", "timeShiftEnabled"], values: [true] };
  const logs = ["jsonData", "tracesToLogsV2"];
  const metrics = ["jsonData", "tracesToMetrics"];
  return [
    { path: ["jsonData", "nodeGraph", "enabled"], label: "Add a node graph to each trace", type: "switch" },
    {
      path: ["jsonData", "spanBar", "type"],
      label: "Text next to the bar of a span",
      type: "choice",
      choices: ["Duration", "None", "Tag"],
    },
    {
      path: ["jsonData", "spanBar", "tag"],
      label: "Attribute next to the bar",
      type: "text",
      placeholder: "http.status_code",
      when: { path: ["jsonData", "spanBar", "type"], values: ["Tag"] },
    },
    {
      path: ["jsonData", "traceQuery", "timeShiftEnabled"],
      label: "Search a trace only in the time range of the panel",
      type: "switch",
    },
    {
      path: ["jsonData", "traceQuery", "spanStartTimeShift"],
      label: "Shift of the start of the range",
      type: "text",
      placeholder: "-30m",
      when: shifted,
    },
    {
      path: ["jsonData", "traceQuery", "spanEndTimeShift"],
      label: "Shift of the end of the range",
      type: "text",
      placeholder: "30m",
      when: shifted,
    },
    { path: [...logs, "datasourceUid"], label: "Uid of the data source with the logs of spans", type: "text" },
    { path: [...logs, "spanStartTimeShift"], label: "Logs: shift of the start", type: "text", placeholder: "0s" },
    { path: [...logs, "spanEndTimeShift"], label: "Logs: shift of the end", type: "text", placeholder: "0s" },
    { path: [...logs, "filterByTraceID"], label: "Logs: only lines with the trace id", type: "switch" },
    { path: [...logs, "filterBySpanID"], label: "Logs: only lines with the span id", type: "switch" },
    { path: [...logs, "customQuery"], label: "Logs: own query", type: "switch" },
    {
      path: [...logs, "query"],
      label: "Query for the logs of a span",
      type: "text",
      placeholder: '{${__tags}} |= "${__span.traceId}"',
      when: { path: [...logs, "customQuery"], values: [true] },
    },
    { path: [...metrics, "datasourceUid"], label: "Uid of the data source with the metrics of spans", type: "text" },
    {
      path: [...metrics, "spanStartTimeShift"],
      label: "Metrics: shift of the start",
      type: "text",
      placeholder: "-2m",
      help: "The queries and their tags are lists; write them in a provisioning file or with the API.",
    },
    { path: [...metrics, "spanEndTimeShift"], label: "Metrics: shift of the end", type: "text", placeholder: "2m" },
  ];
}
