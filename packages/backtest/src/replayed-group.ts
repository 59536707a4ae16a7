import type { GroupSpec } from "@narthex/rules";

/** A rule group of a file, with its settings. */
export interface ReplayedGroup {
  readonly file: string;
  readonly spec: GroupSpec;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
}
