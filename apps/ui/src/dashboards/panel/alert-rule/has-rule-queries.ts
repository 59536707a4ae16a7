import { hasFeature, type Lookup, type Panel, queriedSource, type SourceListing } from "@narthex/dashboards";

/** Reports whether a panel has a Prometheus query that is not empty, from which a rule can be generated. */
export const hasRuleQueries = (panel: Panel, sources: readonly SourceListing[], lookup: Lookup): boolean =>
  panel.targets.some((target) => {
    const { expr } = target.source;
    const isSent = !target.hide && typeof expr === "string" && expr.trim() !== "";
    const source = isSent ? queriedSource(target, panel, sources, lookup) : undefined;
    return source !== undefined && hasFeature(source, "metrics");
  });
