import { parseDuration } from "../format/duration.ts";
import type { Refresh } from "./refresh.ts";

/** How often a reader wants to see news: as the page does by itself, never, or at an interval (a Prometheus duration). */
export type RefreshChoice = "auto" | "off" | `${number}${"s" | "m"}`;

/** Intervals to choose from. */
export const refreshIntervals: readonly RefreshChoice[] = ["5s", "10s", "30s", "1m", "5m", "15m"];

/** Whether a text, such as one that a browser kept, is among the choices. */
export function isRefreshChoice(text: string, choices: readonly RefreshChoice[]): text is RefreshChoice {
  return (choices as readonly string[]).includes(text);
}

/** Lets the queries of a refresh be asked again as chosen. */
export function applyRefreshChoice(refresh: Refresh, choice: RefreshChoice): void {
  if (choice === "off") {
    refresh.pause();
    return;
  }
  refresh.setInterval(choice === "auto" ? null : parseDuration(choice));
  refresh.resume();
}
