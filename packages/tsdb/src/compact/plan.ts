/** The properties of a block that planning needs. Times are in ms; `maxTime` is exclusive. */
export interface PlannedBlock {
  readonly minTime: number;
  readonly maxTime: number;
  readonly numSeries: number;
  readonly numTombstones: number;
  /** Whether an earlier compaction of the block failed. */
  readonly failed: boolean;
}

export interface PlanOptions {
  /** Block lengths by compaction level, ms, ascending: see blockRanges(). */
  readonly ranges: readonly number[];
  readonly mergeOverlapping: boolean;
}

/** Ratio of the block lengths of two successive compaction levels. */
const RANGE_FACTOR = 3;
const MAX_LEVELS = 10;
/** Share of series with deletions at which a long block is rewritten without the deleted samples. */
const TOMBSTONE_RATIO = 0.05;

/** Returns the block lengths in ms by compaction level: `min · 3^k` up to `max`. The list contains at least `min`. */
export function blockRanges(minDuration: number, maxDuration: number): readonly number[] {
  const ranges = [minDuration];
  for (let range = minDuration * RANGE_FACTOR; ranges.length < MAX_LEVELS && range <= maxDuration;) {
    ranges.push(range);
    range *= RANGE_FACTOR;
  }
  return ranges;
}

/**
 * Returns the blocks that the next compaction merges, oldest first. Returns an empty list if no compaction is needed.
 * Overlapping blocks come first, then the lowest level with a full time window, then blocks with many deletions. The
 * newest block is never part of a full window and never rewritten, because it was just written from the head and
 * backups read it.
 */
export function planCompaction<B extends PlannedBlock>(blocks: readonly B[], options: PlanOptions): readonly B[] {
  const sorted = [...blocks].sort((a, b) => a.minTime - b.minTime);
  const overlapping = options.mergeOverlapping ? firstOverlap(sorted) : [];
  if (overlapping.length > 0) return overlapping;
  const settled = sorted.slice(0, -1);
  const window = fullWindow(settled, options.ranges);
  return window.length > 0 ? window : withManyTombstones(settled, options.ranges);
}

/**
 * Returns the oldest group of blocks in which each block begins before an earlier block ends. Skips groups with a block
 * whose compaction failed before.
 */
function firstOverlap<B extends PlannedBlock>(sorted: readonly B[]): readonly B[] {
  let run: B[] = [];
  let maxTime = -Infinity;
  const isPlan = (): boolean => run.length > 1 && !run.some(({ failed }) => failed);
  for (const block of sorted) {
    if (block.minTime >= maxTime) {
      if (isPlan()) return run;
      run = [];
    }
    run.push(block);
    maxTime = Math.max(maxTime, block.maxTime);
  }
  return isPlan() ? run : [];
}

function fullWindow<B extends PlannedBlock>(sorted: readonly B[], ranges: readonly number[]): readonly B[] {
  const newest = sorted.at(-1);
  if (newest === undefined) return [];
  for (const range of ranges.slice(1)) {
    for (const group of alignedGroups(sorted, range)) {
      if (group.length < 2 || group.some(({ failed }) => failed)) continue;
      const end = group.at(-1)!.maxTime;
      // A window is compacted when its blocks fill it, or when a block after the window shows that the window will get
      // no further block.
      if (end - group[0]!.minTime === range || end <= newest.minTime) return group;
    }
  }
  return [];
}

/**
 * Groups blocks by the aligned time window of length `range` that contains them. Blocks that cross a window's border
 * are left out.
 */
function alignedGroups<B extends PlannedBlock>(sorted: readonly B[], range: number): B[][] {
  const groups: B[][] = [];
  let end = -Infinity;
  for (const block of sorted) {
    if (block.maxTime <= end) {
      groups.at(-1)!.push(block);
      continue;
    }
    end = Math.floor(block.minTime / range) * range + range;
    if (block.maxTime <= end) groups.push([block]);
    else end = -Infinity;
  }
  return groups;
}

function withManyTombstones<B extends PlannedBlock>(sorted: readonly B[], ranges: readonly number[]): readonly B[] {
  const longEnough = ranges[Math.floor(ranges.length / 2)] ?? 0;
  for (const block of [...sorted].reverse()) {
    const { numTombstones, numSeries } = block;
    if (block.maxTime - block.minTime < longEnough) {
      return numTombstones > 0 && numTombstones >= numSeries ? [block] : [];
    }
    if (numTombstones / (numSeries + 1) > TOMBSTONE_RATIO) return [block];
  }
  return [];
}
