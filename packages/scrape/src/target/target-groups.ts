import type { Labels } from "@narthex/model";

/** A group of targets that discovery has found, in the form that this package needs. */
export interface TargetGroup {
  readonly source: string;
  /**
   * Labels of each target, including `__address__`. If a target and its group have a label with the same name, the
   * target's label is used.
   */
  readonly targets: readonly Labels[];
  readonly labels: Labels;
}

/** All target groups of every job, by the job's name. */
export type TargetGroupsByJob = ReadonlyMap<string, readonly TargetGroup[]>;

export const countTargets = (groups: readonly TargetGroup[]): number =>
  groups.reduce((sum, { targets }) => sum + targets.length, 0);
