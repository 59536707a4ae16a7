import type { JsonObject } from "@narthex/dashboards";
import type { TimeRange } from "../data-source.ts";
import { numberAt, objectAt } from "../json-values.ts";

/** Returns the range in the body of a request for a listing, in epoch ms. Undefined if it has none. */
export function rangeIn(body: JsonObject): TimeRange | undefined {
  const range = objectAt(body, "range") ?? {};
  const [from, to] = [numberAt(range, "from"), numberAt(range, "to")];
  return from === undefined || to === undefined || !(from <= to) ? undefined : { from, to };
}
