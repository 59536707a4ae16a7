import {
  type EarlierFrames,
  type EarlierPeriod,
  type Frame,
  withPresent as placed,
  withUsualFields,
} from "@narthex/dashboards";
import { configuredFrames } from "./configured-frames.ts";
import type { PanelRequest } from "./panel-request.ts";

/**
 * Returns the frames of the earlier time range for comparison. Field settings are applied, and times are shifted to the
 * current range.
 */
export function withPresent(
  present: readonly Frame[],
  transformed: readonly Frame[],
  { panel, lookup, zone }: Pick<PanelRequest, "panel" | "lookup" | "zone">,
  period: EarlierPeriod,
): EarlierFrames {
  return placed(present, configuredFrames(transformed, withUsualFields(panel), lookup, zone), period);
}
