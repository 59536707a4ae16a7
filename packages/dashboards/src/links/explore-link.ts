import { listOf, objectOf, textIn } from "../frame/frame-head.ts";
import type { InternalLink, JsonObject, SpanLinkRule } from "../model/field-config.ts";
import { isObject, ownValue } from "../model/json.ts";
import { promqlFormat } from "../variables/promql-format.ts";
import { interpolate, interpolateJson, type Lookup } from "../variables/variable-syntax.ts";
import { explorePageAddress } from "./explore-page.ts";
import { spanAddress } from "./span-link.ts";
import type { ValuePlace } from "./value-lookup.ts";

/** Range of a link on a page without a time range. */
const USUAL_RANGE = { from: "now-1h", to: "now" };

/**
 * Returns the address of the Explore page with the query of a link, in Grafana's format. In a string of the query, a
 * value is escaped, so that it cannot end the string. The page keeps the time range of the link's own page; a link of a
 * span has the time of the span. Properties of a wrong type are ignored, because the link comes from JSON.
 * @returns undefined if the place has no span that the link needs
 */
export function internalAddress(link: InternalLink, lookup: Lookup, place: ValuePlace): string | undefined {
  const json: JsonObject = { ...link };
  const internal = { datasourceUid: textIn(json, "datasourceUid") ?? "", query: objectOf(ownValue(json, "query")) };
  const rule = ownValue(json, "narthexSpan");
  if (isObject(rule)) return spanAddress(internal, readRule(rule), place);
  const panelsState = ownValue(json, "panelsState");
  const [from, to] = [interpolate("${__from}", lookup), interpolate("${__to}", lookup)];
  const datasource = { uid: internal.datasourceUid };
  return explorePageAddress({
    datasource: internal.datasourceUid,
    queries: [{ refId: "A", ...interpolateJson(internal.query, lookup, promqlFormat), datasource }],
    range: /^\d+$/.test(from) && /^\d+$/.test(to) ? { from, to } : USUAL_RANGE,
    ...(isObject(panelsState) && { panelsState: interpolateJson(panelsState, lookup) }),
  });
}

function readRule(json: JsonObject): SpanLinkRule {
  const number = (key: string): number => Number(ownValue(json, key)) || 0;
  return {
    tags: listOf(ownValue(json, "tags"))
      .filter(isObject)
      .map((tag) => ({ key: textIn(tag, "key") ?? "", value: textIn(tag, "value") ?? "" })),
    startShiftMs: number("startShiftMs"),
    endShiftMs: number("endShiftMs"),
    needsTags: ownValue(json, "needsTags") === true,
  };
}
