import type { DiskFaults } from "./disk-faults.ts";

/** Numbers of events in a simulation with one seed. */
export interface SimulationReport {
  readonly seed: number;
  operations: number;
  commits: number;
  refusedCommits: number;
  samples: number;
  lateSamples: number;
  /** Number of samples that were appended with a timestamp that their series already had. */
  duplicates: number;
  /** Number of series that continued after they had ended. */
  returned: number;
  deletions: number;
  cleanings: number;
  snapshots: number;
  kills: number;
  powerCuts: number;
  /** Number of processes that ended within a synchronous call. */
  endedWithinCalls: number;
  closes: number;
  /** Number of starts that failed because of a fault of the disk. */
  refusedStarts: number;
  /** Number of starts with threads. */
  threadedStarts: number;
  /** Number of processes that ended because of damage. */
  endedByDamage: number;
  comparisons: number;
  /** Number of exemplars that were found. */
  exemplars: number;
  /** Number of comparisons that read only a part of the time range. */
  ranges: number;
  /** Number of reads that had to skip damaged blocks. */
  readsInParts: number;
  faults: DiskFaults["counts"];
}

export const newReport = (seed: number, faults: SimulationReport["faults"]): SimulationReport => ({
  seed,
  operations: 0,
  commits: 0,
  refusedCommits: 0,
  samples: 0,
  lateSamples: 0,
  duplicates: 0,
  returned: 0,
  deletions: 0,
  cleanings: 0,
  snapshots: 0,
  kills: 0,
  powerCuts: 0,
  endedWithinCalls: 0,
  closes: 0,
  refusedStarts: 0,
  threadedStarts: 0,
  endedByDamage: 0,
  comparisons: 0,
  exemplars: 0,
  ranges: 0,
  readsInParts: 0,
  faults,
});
