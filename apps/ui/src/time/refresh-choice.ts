import { parseDuration } from "../format/duration.ts";
import type { Refresh } from "./refresh.ts";

/** The refresh setting that the user selected: `auto` for the page's own intervals, `off`, or a Prometheus duration. */
export type RefreshChoice = "auto" | "off" | `${number}${"s" | "m"}`;

/** Selectable intervals. */
export const refreshIntervals: readonly RefreshChoice[] = ["5s", "10s", "30s", "1m", "5m", "15m"];

/** Reports whether a text, for example a stored one, is among the choices. */
export function isRefreshChoice(text: string, choices: readonly RefreshChoice[]): text is RefreshChoice {
  return (choices as readonly string[]).includes(text);
}

/** Applies a choice to the queries of a refresh. */
export function applyRefreshChoice(refresh: Refresh, choice: RefreshChoice): void {
  if (choice === "off") {
    refresh.pause();
    return;
  }
  refresh.setInterval(choice === "auto" ? null : parseDuration(choice));
  refresh.resume();
}
