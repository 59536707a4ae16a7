import { parseDuration } from "../format/duration.ts";
import type { Refresh } from "./refresh.ts";

/** Selected refresh interval: `auto` for the default of each query, `off`, or a duration such as `15s`. */
export type RefreshChoice = "auto" | "off" | `${number}${"s" | "m"}`;

/** Selectable intervals. */
export const refreshIntervals: readonly RefreshChoice[] = ["5s", "10s", "30s", "1m", "5m", "15m"];

/** Reports whether a text, for example from local storage, is a valid refresh interval. */
export function isRefreshChoice(text: string, choices: readonly RefreshChoice[]): text is RefreshChoice {
  return (choices as readonly string[]).includes(text);
}

export function applyRefreshChoice(refresh: Refresh, choice: RefreshChoice): void {
  if (choice === "off") {
    refresh.pause();
    return;
  }
  refresh.setInterval(choice === "auto" ? null : parseDuration(choice));
  refresh.resume();
}
