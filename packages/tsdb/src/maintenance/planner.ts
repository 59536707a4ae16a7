import { endOfBlocks, isOutOfOrder } from "../block-set/block-hints.ts";
import type { BlockMeta } from "../block/meta.ts";
import { planCompaction, type PlannedBlock, type PlanOptions } from "../compact/plan.ts";
import type { PlannedDownsampling } from "../downsample/downsampling-plan.ts";
import { rangeEnd } from "../head/append/float-chunks.ts";

/** Facts about a block that the planner needs. */
export interface MergeCandidate {
  readonly meta: BlockMeta;
}

/** State of the data folder between two jobs. */
export interface FolderState<B extends MergeCandidate> {
  /** Oldest sample of the head, ms. */
  readonly headMinTime: number;
  /** Whether the head has more than one and a half blocks, and nothing delays its cut. */
  readonly mustCut: boolean;
  /** Whether the head was cut since out-of-order samples were last moved to blocks. */
  readonly outOfOrderDue: boolean;
  /** Time up to which the head was cut since the last truncation of the log, ms; -Infinity if it was not cut. */
  readonly cutTo: number;
  /** Kinds of jobs that have failed in this run; the next run tries them again. */
  readonly failedJobs: ReadonlySet<JobKind>;
  /** All blocks. */
  readonly blocks: readonly B[];
  /** Blocks that may be merged now. */
  readonly mergeable: readonly B[];
  /** Blocks that are old enough for the cold tier. */
  readonly aged: readonly B[];
  /** The next downsampling, used if there is nothing to merge. */
  readonly downsampling?: PlannedDownsampling | undefined;
  /** Names of blocks whose merge has failed. */
  readonly failedBlocks: ReadonlySet<string>;
}

/** The next job. Retention is applied after each job that has made a block. */
export type MaintenanceJob<B extends MergeCandidate> =
  | { readonly kind: "cut"; readonly minTime: number; readonly maxTime: number }
  | { readonly kind: "out-of-order" }
  | { readonly kind: "truncate"; readonly minTime: number }
  | { readonly kind: "merge"; readonly blocks: readonly B[] }
  | { readonly kind: "downsample"; readonly planned: PlannedDownsampling }
  | { readonly kind: "cold"; readonly block: B };

export type JobKind = MaintenanceJob<MergeCandidate>["kind"];

/** The part of the state that decides about the head and its logs. */
export type HeadState = Pick<
  FolderState<MergeCandidate>,
  "headMinTime" | "mustCut" | "outOfOrderDue" | "cutTo" | "failedJobs"
>;

/**
 * Chooses the next job; undefined if none exists. The head and its logs come first. If the head is not full, blocks
 * are merged one after the other; then old blocks are downsampled and moved to the cold tier.
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
 * Chooses the next job of the head and its logs; undefined if none exists. A full head is cut first. Then
 * out-of-order samples are moved to blocks, so that their log no longer needs the records that a truncation of the
 * other log removes.
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
 * Returns the blocks to merge. Blocks with only stale or selected series are merged separately from those with all
 * series.
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
  // The group with all series, whose name is empty, is first.
  for (const [, group] of groups.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const plan = planCompaction(group, options);
    if (plan.length > 0) return plan.map(({ block }) => block);
  }
  return [];
}

/**
 * Does the block have out-of-order samples of a time that the head still has? A merged block would end within the head,
 * which must begin where blocks end.
 */
const isAhead = (meta: BlockMeta, end: number): boolean => isOutOfOrder(meta) && meta.maxTime > end;

/** The part of the series that the block was made of. */
const partOf = ({ compaction }: BlockMeta): string =>
  (compaction.hints ?? []).filter((hint) => hint === "from-stale-series" || hint === "from-selected-series").join();
