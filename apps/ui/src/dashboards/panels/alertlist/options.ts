import { choice, grouped, list, number, type OptionsOf, pick, text, toggle } from "../../contracts/option-table.ts";

const isCustom = ({ groupMode }: Readonly<Record<string, unknown>>): boolean => groupMode === "custom";

/** Numeric codes of the sort orders in a dashboard's JSON. */
const ALPHA_ASC = 1;
export const ALPHA_DESC = 2;
export const IMPORTANCE = 3;
export const TIME_ASC = 4;
export const TIME_DESC = 5;

export const alertListOptions = {
  viewMode: choice("viewMode", "View mode", { list: "List", stat: "Stat" }, "list"),
  groupMode: choice("groupMode", "Group mode", { default: "Default grouping", custom: "Custom grouping" }, "default", {
    description: "By rule, or by the values of labels",
  }),
  groupBy: list("groupBy", "Group by", "text", [], { description: "Names of labels", isShown: isCustom }),
  maxItems: number("maxItems", "Max items", 20, {
    min: 1,
    integer: true,
    isShown: (options) => !isCustom(options),
  }),
  sortOrder: pick(
    "sortOrder",
    "Sort order",
    [
      [ALPHA_ASC, "Alphabetical (asc)"],
      [ALPHA_DESC, "Alphabetical (desc)"],
      [IMPORTANCE, "Importance"],
      [TIME_ASC, "Time (asc)"],
      [TIME_DESC, "Time (desc)"],
    ],
    ALPHA_ASC as number,
  ),
  isOfDashboard: toggle("dashboardAlerts", "Alerts linked to this dashboard", false, {
    description: "Alerts whose annotation __dashboardUid__ contains its uid",
  }),
  showInstances: toggle("showInstances", "Show alert instances", false, {
    description: "The alerts of each rule are shown without a click",
  }),
  ...grouped("Filter", {
    alertName: text("alertName", "Alert name", "", { description: "A part of the name" }),
    labelFilter: text("alertInstanceLabelFilter", "Alert instance label", "", {
      description: 'As {severity="critical", instance=~"node-.+"}',
    }),
    source: text("datasource", "Data source", "", {
      description: "Name or uid of a Prometheus or an Alertmanager. Empty: every Prometheus",
    }),
    showInactive: toggle("showInactiveAlerts", "Show alerts with 0 instances", false),
  }),
  ...grouped("Alert state filter", {
    hasFiring: toggle("stateFilter.firing", "Alerting / Firing", true),
    hasPending: toggle("stateFilter.pending", "Pending", true),
    hasRecovering: toggle("stateFilter.recovering", "Recovering", true),
    hasNormal: toggle("stateFilter.normal", "Normal", false),
    hasError: toggle("stateFilter.error", "Error", true, { description: "Rules that could not be evaluated" }),
  }),
};
export type AlertListOptions = OptionsOf<typeof alertListOptions>;
