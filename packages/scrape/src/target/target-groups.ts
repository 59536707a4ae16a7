import type { Labels } from "@narthex/model";

/** Targets that discovery found together, as this package needs them. */
export interface TargetGroup {
  readonly source: string;
  /** Labels of each target, `__address__` among them; they win over the group's. */
  readonly targets: readonly Labels[];
  readonly labels: Labels;
}

/** All target groups of every job, by its name. */
export type TargetGroupsByJob = ReadonlyMap<string, readonly TargetGroup[]>;

/** Number of targets in all of the groups. */
export const countTargets = (groups: readonly TargetGroup[]): number =>
  groups.reduce((sum, { targets }) => sum + targets.length, 0);
