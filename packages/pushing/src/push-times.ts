import { family, sample } from "@narthex/exposition";
import type { GroupLabels } from "./group-key.ts";
import { type PushedFamily, pushedFamily } from "./pushed-family.ts";

/** Every group has these two of its own. */
export const PUSH_TIME = "push_time_seconds";
export const PUSH_FAILURE_TIME = "push_failure_time_seconds";

const HELP = "Last Unix time when changing this group in the Pushgateway";

/** When the group's last good push was; 0 for never. */
export const pushTime = (group: GroupLabels, seconds: number, nowMs: number): PushedFamily =>
  pushedFamily(family("gauge", PUSH_TIME, `${HELP} succeeded.`, [sample(seconds)]), group, nowMs);

/** When the group's last refused push was; 0 for never. */
export const pushFailureTime = (group: GroupLabels, seconds: number, nowMs: number): PushedFamily =>
  pushedFamily(family("gauge", PUSH_FAILURE_TIME, `${HELP} failed.`, [sample(seconds)]), group, nowMs);
