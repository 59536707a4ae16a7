import type { GroupLabels } from "./group-key.ts";
import { GAUGE, VALUE_FIELDS } from "../metrics/metric-type.ts";
import { readPlain } from "../metrics/metric-value.ts";
import { plainValue } from "../metrics/read-family.ts";
import { type SealedFamily, sealFamily, type StoredFamily, storedMetrics } from "../metrics/stored-family.ts";

/** Every group has these two of its own. */
export const PUSH_TIME = "push_time_seconds";
export const PUSH_FAILURE_TIME = "push_failure_time_seconds";

const HELP = "Last Unix time when changing this group in the Pushgateway";
const [SUCCEEDED, FAILED] = [`${HELP} succeeded.`, `${HELP} failed.`];

/** When the group's last good push was; 0 for never. */
export const pushTime = (group: GroupLabels, seconds: number, nowMs: number): SealedFamily =>
  timeFamily(PUSH_TIME, SUCCEEDED, group, seconds, nowMs);

/** When the group's last refused push was; 0 for never. */
export const pushFailureTime = (group: GroupLabels, seconds: number, nowMs: number): SealedFamily =>
  timeFamily(PUSH_FAILURE_TIME, FAILED, group, seconds, nowMs);

function timeFamily(name: string, help: string, group: GroupLabels, seconds: number, nowMs: number): SealedFamily {
  const metrics = [{ labels: [], value: plainValue(VALUE_FIELDS[GAUGE], seconds) }];
  return sealFamily({ name, help, type: GAUGE, metrics, isTimed: false }, group, nowMs);
}

/** The time that one of the two holds, or 0 if a push put something else there. */
export function timeIn(family: StoredFamily | undefined): number {
  const metric = family === undefined ? undefined : storedMetrics(family)[0];
  return metric === undefined ? 0 : (readPlain(metric.value, GAUGE) ?? 0);
}
