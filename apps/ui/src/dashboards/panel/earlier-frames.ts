import { besidePresent as placed, type EarlierFrames, type EarlierPeriod, type Frame } from "@narthex/dashboards";
import { configuredFrames } from "./configured-frames.ts";
import type { PanelRequest } from "./panel-request.ts";
import { withUsualFields } from "./usual-fields.ts";

/** What a panel showed in an earlier period, with its settings, on the times of what it shows now. */
export function besidePresent(
  present: readonly Frame[],
  transformed: readonly Frame[],
  { panel, lookup, zone }: Pick<PanelRequest, "panel" | "lookup" | "zone">,
  period: EarlierPeriod,
): EarlierFrames {
  return placed(present, configuredFrames(transformed, withUsualFields(panel), lookup, zone), period);
}
