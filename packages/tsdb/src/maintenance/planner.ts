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
  /** Since the log was truncated last the head was cut up to this time, ms; -Infinity where it was not. */
  readonly cutTo: number;
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
  | { readonly kind: "truncate"; readonly minTime: number }
  | { readonly kind: "merge"; readonly blocks: readonly B[] }
  | { readonly kind: "downsample"; readonly planned: PlannedDownsampling }
  | { readonly kind: "cold"; readonly block: B };

/**
 * Chooses the next job; undefined when nothing is to be done. A full head goes before everything; the log is truncated
 * when the head has been cut as far as it must; blocks are merged one after the other, as long as the head is not full;
 * then those that are old are downsampled and go to the cold tier.
 */
export function nextJob<B extends MergeCandidate>(
  state: FolderState<B>,
  options: PlanOptions,
): MaintenanceJob<B> | undefined {
  const { headMinTime, mustCut, cutTo } = state;
  if (mustCut) return { kind: "cut", minTime: headMinTime, maxTime: rangeEnd(headMinTime, options.ranges[0]) };
  if (cutTo !== -Infinity) return { kind: "truncate", minTime: cutTo };
  const blocks = blocksToMerge(state, options);
  if (blocks.length > 0) return { kind: "merge", blocks };
  if (state.downsampling !== undefined) return { kind: "downsample", planned: state.downsampling };
  const block = state.aged.find(({ meta }) => !state.failedBlocks.has(meta.ulid));
  return block === undefined ? undefined : { kind: "cold", block };
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
