import { endOfBlocks, isOutOfOrder } from "../block-set/block-hints.ts";
import type { BlockMeta } from "../block/meta.ts";
import { planCompaction, type PlannedBlock, type PlanOptions } from "../compact/plan.ts";
import type { PlannedDownsampling } from "../downsample/downsampling-plan.ts";
import { rangeEnd } from "../head/append/float-chunks.ts";

/** The properties of a block that the planner of the maintenance needs. */
export interface MergeCandidate {
  readonly meta: BlockMeta;
}

/** State of the data folder, from which the planner chooses the next job. */
export interface FolderState<B extends MergeCandidate> {
  /** Time of the head's oldest sample, ms. */
  readonly headMinTime: number;
  /**
   * Whether the head must be written to a block: its samples cover more than one and a half block lengths, and no delay
   * is in progress.
   */
  readonly mustCut: boolean;
  /** Whether the head was written to a block since out-of-order samples were last moved to blocks. */
  readonly outOfOrderDue: boolean;
  /**
   * Time in ms up to which the head was written to blocks since the last truncation of the log; -Infinity if no block
   * was written since then.
   */
  readonly cutTo: number;
  /** Kinds of jobs that have failed in this run of the maintenance. The next run tries them again. */
  readonly failedJobs: ReadonlySet<JobKind>;
  /** All blocks. */
  readonly blocks: readonly B[];
  /** Blocks that may be merged now. */
  readonly mergeable: readonly B[];
  /** Blocks that are old enough to become columnar ("cold"). */
  readonly aged: readonly B[];
  /** The next downsampling to run. The planner chooses it only if no blocks can be merged. */
  readonly downsampling?: PlannedDownsampling | undefined;
  /** Names of blocks whose merge has failed. */
  readonly failedBlocks: ReadonlySet<string>;
}

/** A job of the maintenance. After each job that has written a block, retention is applied. */
export type MaintenanceJob<B extends MergeCandidate> =
  | { readonly kind: "cut"; readonly minTime: number; readonly maxTime: number }
  | { readonly kind: "out-of-order" }
  | { readonly kind: "truncate"; readonly minTime: number }
  | { readonly kind: "merge"; readonly blocks: readonly B[] }
  | { readonly kind: "downsample"; readonly planned: PlannedDownsampling }
  | { readonly kind: "cold"; readonly block: B };

export type JobKind = MaintenanceJob<MergeCandidate>["kind"];

/** The part of the state from which jobs for the head and its logs are planned. */
export type HeadState = Pick<
  FolderState<MergeCandidate>,
  "headMinTime" | "mustCut" | "outOfOrderDue" | "cutTo" | "failedJobs"
>;

/**
 * Chooses the next job; undefined if no work is left. Jobs for the head and its logs come first. If the head is not
 * full, blocks are merged next, one group after the other. Last, old blocks are downsampled and converted to columnar
 * ("cold") blocks.
 */
export function nextJob<B extends MergeCandidate>(
  state: FolderState<B>,
  options: PlanOptions,
): MaintenanceJob<B> | undefined {
  const { failedJobs } = state;
  const urgent = headJob(state, options);
  if (urgent !== undefined) return urgent;
  const blocks = failedJobs.has("merge") ? [] : blocksToMerge(state, options);
  if (blocks.length > 0) return { kind: "merge", blocks };
  if (state.downsampling !== undefined && !failedJobs.has("downsample")) {
    return { kind: "downsample", planned: state.downsampling };
  }
  const block = state.aged.find(({ meta }) => !state.failedBlocks.has(meta.ulid));
  return block === undefined || failedJobs.has("cold") ? undefined : { kind: "cold", block };
}

/**
 * Chooses the next job for the head and its logs; undefined if there is no such job. A full head is written to a block
 * first. Then out-of-order samples are moved to blocks. The write-ahead log is truncated last, because the out-of-order
 * log needs series records that the truncation removes.
 */
export function headJob(
  { headMinTime, mustCut, outOfOrderDue, cutTo, failedJobs }: HeadState,
  { ranges }: Pick<PlanOptions, "ranges">,
): Extract<MaintenanceJob<never>, { kind: "cut" | "out-of-order" | "truncate" }> | undefined {
  if (mustCut && !failedJobs.has("cut")) {
    return { kind: "cut", minTime: headMinTime, maxTime: rangeEnd(headMinTime, ranges[0]) };
  }
  if (outOfOrderDue && !failedJobs.has("out-of-order")) return { kind: "out-of-order" };
  if (cutTo !== -Infinity && !failedJobs.has("truncate")) return { kind: "truncate", minTime: cutTo };
  return undefined;
}

/**
 * Returns the blocks that the next merge combines. Blocks that contain only stale or only selected series are merged
 * separately from blocks with all series.
 */
function blocksToMerge<B extends MergeCandidate>(
  { blocks, mergeable, failedBlocks }: FolderState<B>,
  options: PlanOptions,
): readonly B[] {
  const end = endOfBlocks(blocks.map(({ meta }) => meta));
  const candidates = mergeable
    .filter(({ meta }) => !isAhead(meta, end))
    .map((block): PlannedBlock & { readonly block: B } => {
      const { meta } = block;
      const failed = meta.compaction.failed === true || failedBlocks.has(meta.ulid);
      const { numSeries = 0, numTombstones = 0 } = meta.stats ?? {};
      return { block, minTime: meta.minTime, maxTime: meta.maxTime, numSeries, numTombstones, failed };
    });
  const groups = [...Map.groupBy(candidates, ({ block }) => partOf(block.meta))];
  // Plans blocks with all series first. The name of their group is empty, so it sorts before the other names.
  for (const [, group] of groups.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const plan = planCompaction(group, options);
    if (plan.length > 0) return plan.map(({ block }) => block);
  }
  return [];
}

/**
 * Returns whether a block has out-of-order samples of a time that is still in the head. Such a block must not be
 * merged, because the merged block would end within the head's time range, and the head must begin at the end of the
 * blocks.
 */
const isAhead = (meta: BlockMeta, end: number): boolean => isOutOfOrder(meta) && meta.maxTime > end;

/** Returns a text that describes which part of the series the block contains; empty for all series. */
const partOf = ({ compaction }: BlockMeta): string =>
  (compaction.hints ?? []).filter((hint) => hint === "from-stale-series" || hint === "from-selected-series").join();
