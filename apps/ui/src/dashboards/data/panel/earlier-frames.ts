import { withPresent as placed, type EarlierFrames, type EarlierPeriod, type Frame } from "@narthex/dashboards";
import { configuredFrames } from "./configured-frames.ts";
import type { PanelRequest } from "./panel-request.ts";
import { withUsualFields } from "./usual-fields.ts";

/**
 * Returns a panel's frames of the comparison period. The panel's field settings are applied, and the times are shifted
 * to the times of the current frames.
 */
export function withPresent(
  present: readonly Frame[],
  transformed: readonly Frame[],
  { panel, lookup, zone }: Pick<PanelRequest, "panel" | "lookup" | "zone">,
  period: EarlierPeriod,
): EarlierFrames {
  return placed(present, configuredFrames(transformed, withUsualFields(panel), lookup, zone), period);
}
