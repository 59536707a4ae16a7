import { type OptionsOf, text, toggle } from "../../contracts/option-table.ts";

const filters = "Span filters";

export const tracesOptions = {
  focusedSpan: text("focusedSpanId", "Focused span", "", { description: "Id of the span whose details are open" }),
  search: text("spanFilters.query", "Text", "", { group: filters }),
  service: text("spanFilters.serviceName", "Service", "", { group: filters }),
  minDuration: text("spanFilters.from", "Min duration", "", { group: filters, description: "For example 20ms" }),
  areMatchesOnly: toggle("spanFilters.matchesOnly", "Show matches only", false, { group: filters }),
  isCriticalPathShown: toggle("showCriticalPath", "Critical path", false, {
    description: "Marks the parts of spans that determine when the trace ends",
  }),
};
export type TracesOptions = OptionsOf<typeof tracesOptions>;
