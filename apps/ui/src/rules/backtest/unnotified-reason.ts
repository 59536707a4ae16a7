import type { UnnotifiedAlert } from "../../api/backtest.ts";

/** Words for the causes of the API, as promtool writes them. Names follow those that end with "by" or "within". */
const CAUSES: ReadonlyMap<string, string> = new Map([
  ["active_time_interval", "not within"],
  ["mute_time_interval", "muted by"],
  ["inhibition", "inhibited by"],
  ["silence", "silenced by"],
  ["covered", "the last notification already contained the alert"],
  ["no_integration", "the receiver has no integration"],
  ["relabeling", "dropped by alert_relabel_configs"],
]);

/** Returns why a receiver was not notified of an alert. */
export function reasonText(
  { cause, by }: UnnotifiedAlert["reasons"][number],
  { endedAt }: Pick<UnnotifiedAlert, "endedAt">,
): string {
  if (cause === "waiting")
    return endedAt === undefined ? "the group was not due yet" : "ended before the group was due";
  return [CAUSES.get(cause) ?? cause, by.join(", ")].join(" ").trim();
}
