import type { GroupLabels } from "./group-key.ts";
import { GAUGE, VALUE_FIELDS } from "../metrics/metric-type.ts";
import { readPlain } from "../metrics/metric-value.ts";
import { plainValue } from "../metrics/read-family.ts";
import { type SealedFamily, sealFamily, type StoredFamily, storedMetrics } from "../metrics/stored-family.ts";

/** Names of the two metrics that the gateway adds to every group. */
export const PUSH_TIME = "push_time_seconds";
export const PUSH_FAILURE_TIME = "push_failure_time_seconds";

const HELP = "Last Unix time when changing this group in the Pushgateway";
const [SUCCEEDED, FAILED] = [`${HELP} succeeded.`, `${HELP} failed.`];

/** Returns the metric with the time of the group's last successful push; 0 means never. */
export const pushTime = (group: GroupLabels, seconds: number, nowMs: number): SealedFamily =>
  timeFamily(PUSH_TIME, SUCCEEDED, group, seconds, nowMs);

/** Returns the metric with the time of the group's last refused push; 0 means never. */
export const pushFailureTime = (group: GroupLabels, seconds: number, nowMs: number): SealedFamily =>
  timeFamily(PUSH_FAILURE_TIME, FAILED, group, seconds, nowMs);

function timeFamily(name: string, help: string, group: GroupLabels, seconds: number, nowMs: number): SealedFamily {
  const metrics = [{ labels: [], value: plainValue(VALUE_FIELDS[GAUGE], seconds) }];
  return sealFamily({ name, help, type: GAUGE, metrics, isTimed: false }, group, nowMs);
}

/**
 * Returns the value of a push time metric, in seconds since 1970. Returns 0 if the metric is absent or a push replaced
 * it by another type.
 */
export function timeIn(family: StoredFamily | undefined): number {
  const metric = family === undefined ? undefined : storedMetrics(family)[0];
  return metric === undefined ? 0 : (readPlain(metric.value, GAUGE) ?? 0);
}
