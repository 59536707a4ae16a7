import { hasFeature, type Panel, queriedSource, type SourceListing } from "@narthex/dashboards";
import type { PanelRequest } from "../../data/panel/panel-request.ts";

/**
 * Returns the data source of a query of the panel, if it can continue its log lines. Without a refId, returns the source
 * of the panel's only query.
 */
export function logSource(
  panel: Panel,
  refId: string | undefined,
  { sources, lookup }: Pick<PanelRequest, "sources" | "lookup">,
): SourceListing | undefined {
  const targets = panel.targets.filter((target) => !target.hide);
  const target = targets.find((one) => one.refId === refId) ?? (targets.length === 1 ? targets[0] : undefined);
  if (target === undefined) return undefined;
  const source = queriedSource(target, panel, sources, lookup);
  return source !== undefined && hasFeature(source, "logs") ? source : undefined;
}
