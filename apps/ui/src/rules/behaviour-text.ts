import type { Alert, AlertBehaviour } from "../api/rule-data.ts";
import { humanizeDuration } from "../format/duration.ts";

const WITHOUT_DATA: Readonly<Record<NonNullable<AlertBehaviour["onNoData"]>, string>> = {
  keep: "stays as it is without data",
  fire: "fires without data",
  resolve: "resolves without data",
};

/** Returns what the behaviour of an alerting rule changes, a text for each part. */
export function behaviourTexts({ onNoData, recovery, recoveryThreshold, flapDamping }: AlertBehaviour): string[] {
  const texts: string[] = [];
  if (onNoData !== undefined) texts.push(WITHOUT_DATA[onNoData]);
  if (recovery !== undefined) texts.push(`recovers ${recoveryText(recovery, recoveryThreshold)}`);
  if (flapDamping !== undefined)
    texts.push(`at most ${flapDamping.maxChanges} changes in ${humanizeDuration(flapDamping.window * 1000)}`);
  return texts;
}

/** Returns a threshold such as `< 80` as `below 80`, or the expression of the recovery. */
function recoveryText(recovery: string, threshold: string | undefined): string {
  if (threshold === undefined) return `when ${recovery}`;
  return threshold.replace(/^< /, "below ").replace(/^> /, "above ");
}

/** Returns why the behaviour of a rule holds an alert. */
export const heldText: Readonly<Record<NonNullable<Alert["heldBy"]>, string>> = {
  no_data: "held: no data",
  recovery: "held: has not recovered",
  damping: "damped",
};
