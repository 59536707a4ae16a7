import type { Lookup, Panel } from "@narthex/dashboards";
import { queriedSource, type SourceListing } from "../../data/panel-queries.ts";

/** Reports whether a panel has a Prometheus query that is not empty, from which a rule can be generated. */
export const hasRuleQueries = (panel: Panel, sources: readonly SourceListing[], lookup: Lookup): boolean =>
  panel.targets.some((target) => {
    const { expr } = target.source;
    const isSent = !target.hide && typeof expr === "string" && expr.trim() !== "";
    return isSent && queriedSource(target, panel, sources, lookup)?.type === "prometheus";
  });
