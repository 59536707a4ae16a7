import { PUSH_FAILURE_TIME, PUSH_TIME } from "./push-times.ts";
import { metricCount, type StoredFamily } from "../metrics/stored-family.ts";

/** Limits on the number of pushed metrics and groups; undefined means no limit. */
export interface GroupLimits {
  /**
   * Maximum number of metrics in a group (--push.max-series-per-group), not counting the two metrics with push times.
   */
  readonly maxSeriesPerGroup?: number | undefined;
  /** Maximum number of groups (--push.max-groups). */
  readonly maxGroups?: number | undefined;
}

/** The limit that a push exceeds, and the error message. */
export interface OverLimit {
  readonly limit: "series" | "groups";
  readonly reason: string;
}

/**
 * Returns the limit that a push would exceed, or undefined. `held` is the group before the push, undefined for a new
 * group.
 */
export function limitProblem(
  limits: GroupLimits | undefined,
  held: ReadonlyMap<string, StoredFamily> | undefined,
  added: readonly StoredFamily[],
  removed: readonly string[],
  groups: number,
): OverLimit | undefined {
  const { maxGroups, maxSeriesPerGroup } = limits ?? {};
  if (held === undefined && maxGroups !== undefined && groups >= maxGroups) {
    return {
      limit: "groups",
      reason: `there are ${groups} groups already, as many as --push.max-groups=${maxGroups} allows; delete one, or raise the limit`,
    };
  }
  if (maxSeriesPerGroup === undefined) return undefined;
  const after = new Map(held);
  for (const name of removed) after.delete(name);
  for (const family of added) after.set(family.name, family);
  let series = 0;
  for (const family of after.values())
    series += family.name === PUSH_TIME || family.name === PUSH_FAILURE_TIME ? 0 : metricCount(family);
  if (series <= maxSeriesPerGroup) return undefined;
  return {
    limit: "series",
    reason: `the group would hold ${series} metrics, more than --push.max-series-per-group=${maxSeriesPerGroup} allows; push fewer, or raise the limit`,
  };
}
