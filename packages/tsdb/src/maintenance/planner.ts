import { endOfBlocks, isOutOfOrder } from "../block-set/block-hints.ts";
import type { BlockMeta } from "../block/meta.ts";
import { planCompaction, type PlannedBlock, type PlanOptions } from "../compact/plan.ts";
import type { PlannedDownsampling } from "../downsample/downsampling-plan.ts";
import { rangeEnd } from "../head/append/float-chunks.ts";

/** What the planner must know of a block. */
export interface MergeCandidate {
  readonly meta: BlockMeta;
}

/** The data folder between two jobs. */
export interface FolderState<B extends MergeCandidate> {
  /** Oldest sample of the head, ms. */
  readonly headMinTime: number;
  /** The head has more than a block and a half, and nothing holds its cutting back. */
  readonly mustCut: boolean;
  /** The head was cut since out-of-order samples were moved to blocks last. */
  readonly outOfOrderDue: boolean;
  /** Since the log was truncated last the head was cut up to this time, ms; -Infinity if it was not. */
  readonly cutTo: number;
  /** Kinds of jobs that have failed in this run: they are tried again in the next one. */
  readonly failedJobs: ReadonlySet<JobKind>;
  /** All blocks. */
  readonly blocks: readonly B[];
  /** Those that may be merged now. */
  readonly mergeable: readonly B[];
  /** Those that are old enough for the cold tier. */
  readonly aged: readonly B[];
  /** What is to be downsampled, once nothing is to be merged. */
  readonly downsampling?: PlannedDownsampling | undefined;
  /** Names of blocks whose merging has failed. */
  readonly failedBlocks: ReadonlySet<string>;
}

/** What is to be done next. Retention is applied after each job that has made a block. */
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
 * Chooses the next job; undefined if there is none. The head and its logs come first. As long as the head is not full,
 * blocks are merged one after the other; then old blocks are downsampled and go to the cold tier.
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
 * Chooses the next job of the head and its logs; undefined if there is none. A full head is cut first. Then out-of-order
 * samples go to blocks, so that the log of them no longer needs what the truncation of the other log removes.
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

/** Blocks of stale or selected series alone are merged apart from those that hold all. */
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
  // Those that hold all series, of the empty name, come first.
  for (const [, group] of groups.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const plan = planCompaction(group, options);
    if (plan.length > 0) return plan.map(({ block }) => block);
  }
  return [];
}

/**
 * Does the block hold out-of-order samples of a time that the head still has? A block merged of it would end within the
 * head, which begins where blocks end.
 */
const isAhead = (meta: BlockMeta, end: number): boolean => isOutOfOrder(meta) && meta.maxTime > end;

/** Which part of the series the block was made of. */
const partOf = ({ compaction }: BlockMeta): string =>
  (compaction.hints ?? []).filter((hint) => hint === "from-stale-series" || hint === "from-selected-series").join();
