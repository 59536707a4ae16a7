import { choice, type OptionsOf, toggle } from "../../contracts/option-table.ts";

export const logsOptions = {
  isTimeShown: toggle("showTime", "Time", false),
  areLabelsShown: toggle("showLabels", "Unique labels", false),
  areCommonLabelsShown: toggle("showCommonLabels", "Common labels", false),
  isWrapped: toggle("wrapLogMessage", "Wrap lines", false),
  isJsonPretty: toggle("prettifyLogMessage", "Prettify JSON", false),
  areDetailsShown: toggle("enableLogDetails", "Enable log details", true),
  dedup: choice(
    "dedupStrategy",
    "Join equal lines",
    {
      none: "No",
      exact: "Equal except for dates",
      numbers: "Equal except for digits",
      signature: "Same punctuation",
    },
    "none",
  ),
  order: choice("sortOrder", "Order", { Descending: "Newest first", Ascending: "Oldest first" }, "Descending"),
};
export type LogsOptions = OptionsOf<typeof logsOptions>;
