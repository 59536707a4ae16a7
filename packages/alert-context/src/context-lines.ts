import { formatTime } from "@narthex/dashboards";
import { formatDuration } from "@narthex/model";
import type { PastFirings } from "@narthex/notification";
import type { Deployment } from "./deployments.ts";

const MAX_LISTED = 5;

/** Returns the lines of text about deployments. */
export function deploymentLines(deployments: readonly Deployment[], zone: string): string[] {
  const shown = deployments.slice(0, MAX_LISTED).map(({ time, text }) => `${formatTime(time, zone, "HH:mm")} ${text}`);
  if (shown.length === 0) return [];
  const rest = deployments.length - shown.length;
  return [`Recent deployments: ${shown.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`];
}

/** Returns the line of text about past firings of an alert. */
export function firingLines(alertname: string, past: readonly PastFirings[]): string[] {
  const parts = past.map(({ days, count, medianMs }) => {
    const often = count === 0 ? "not" : count === 1 ? "once" : `${count} times`;
    return `${often} in ${days} days${medianMs === undefined ? "" : ` (median ${roundDuration(medianMs)})`}`;
  });
  return parts.length === 0 ? [] : [`${alertname.slice(0, 100)} has fired ${parts.join(", ")}`];
}

/** Returns a duration with at most two units: `2h5m`. */
function roundDuration(ms: number): string {
  const unit = ms < 60_000 ? 1000 : ms < 86_400_000 ? 60_000 : 3_600_000;
  return formatDuration(Math.max(1000, Math.round(ms / unit) * unit));
}
