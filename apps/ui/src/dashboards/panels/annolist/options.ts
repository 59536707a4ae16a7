import { grouped, list, number, type OptionsOf, pick, text, toggle } from "../../contracts/option-table.ts";

export const annotationListOptions = {
  ...grouped("Annotation query", {
    isOfDashboard: pick(
      "onlyFromThisDashboard",
      "Query filter",
      [
        [false, "All dashboards"],
        [true, "This dashboard"],
      ],
      false,
    ),
    isInRange: pick(
      "onlyInTimeRange",
      "Time range",
      [
        [false, "None"],
        [true, "This dashboard"],
      ],
      false,
    ),
    tags: list("tags", "Tags", "text", [], { description: "Annotations that have all of these tags" }),
    limit: number("limit", "Limit", 10, { min: 1, integer: true }),
  }),
  ...grouped("Display", {
    showUser: toggle("showUser", "Show user", true),
    showTime: toggle("showTime", "Show time", true),
    showTags: toggle("showTags", "Show tags", true),
  }),
  ...grouped("Link behavior", {
    leadsToPanel: pick(
      "navigateToPanel",
      "Link target",
      [
        [true, "Panel"],
        [false, "Dashboard"],
      ],
      true,
    ),
    before: text("navigateBefore", "Time before", "10m", { description: "As 10m or 1h" }),
    after: text("navigateAfter", "Time after", "10m", { description: "As 10m or 1h" }),
  }),
};
export type AnnotationListOptions = OptionsOf<typeof annotationListOptions>;
