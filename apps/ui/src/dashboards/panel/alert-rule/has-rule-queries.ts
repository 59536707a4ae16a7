import type { Lookup, Panel } from "@narthex/dashboards";
import { queriedSource, type SourceListing } from "../../query/ask-panel.ts";

/** Whether a rule can be made of a query of a panel: one of Prometheus that says something. */
export const hasRuleQueries = (panel: Panel, sources: readonly SourceListing[], lookup: Lookup): boolean =>
  panel.targets.some((target) => {
    const { expr } = target.source;
    const isAsked = !target.hide && typeof expr === "string" && expr.trim() !== "";
    return isAsked && queriedSource(target, panel, sources, lookup)?.type === "prometheus";
  });
