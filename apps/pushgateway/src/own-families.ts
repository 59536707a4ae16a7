import type { MetricFamily } from "@narthex/exposition";
import { type OwnFamilies, type OwnFamily, typeNumber } from "@narthex/pushing";
import { REQUEST_METRICS } from "./request-metrics.ts";

/** What pushes must agree with: the families there are at the start, and those that requests will bring. */
export function ownFamilies(families: readonly MetricFamily[]): OwnFamilies {
  const own = new Map<string, OwnFamily>(
    families.map(({ name, help, type }) => [name, { type: typeNumber(type), help, isFromStart: true }]),
  );
  for (const { name, help, type } of Object.values(REQUEST_METRICS)) {
    own.set(name, { type: typeNumber(type), help, isFromStart: false });
  }
  return own;
}
