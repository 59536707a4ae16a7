import type { InternalLink } from "../model/field-config.ts";
import { promqlFormat } from "../variables/promql-format.ts";
import { interpolate, interpolateJson, type Lookup } from "../variables/variable-syntax.ts";

/** Range of a link on a page without a time range. */
const USUAL_RANGE = { from: "now-1h", to: "now" };

/**
 * Returns the address of the Explore page with the query of a link, in Grafana's format. In a string of the query, a
 * value is escaped, so that it cannot end the string. The page keeps the time range of the link's own page.
 */
export function internalAddress({ datasourceUid, query, panelsState }: InternalLink, lookup: Lookup): string {
  const [from, to] = [interpolate("${__from}", lookup), interpolate("${__to}", lookup)];
  const pane = {
    datasource: datasourceUid,
    queries: [{ refId: "A", ...interpolateJson(query, lookup, promqlFormat), datasource: { uid: datasourceUid } }],
    range: /^\d+$/.test(from) && /^\d+$/.test(to) ? { from, to } : USUAL_RANGE,
    ...(panelsState !== undefined && { panelsState: interpolateJson(panelsState, lookup) }),
  };
  return explorePageAddress(pane);
}

/** Returns the address of the Explore page with a pane, in Grafana's format. */
export function explorePageAddress(pane: object): string {
  const parameters = new URLSearchParams({ schemaVersion: "1", panes: JSON.stringify({ a: pane }), orgId: "1" });
  return `/explore?${parameters.toString()}`;
}
