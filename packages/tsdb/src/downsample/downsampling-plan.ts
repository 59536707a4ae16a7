import type { BlockMeta } from "../block/meta.ts";
import { type TimeRange, TimeRanges } from "../block-set/time-ranges.ts";
import { type DownsamplingRule, keyOfBlock, keyOfSeries, seriesOfRule } from "./rule.ts";

/** A downsampling to run: the rule, the resolution and the time range. */
export interface PlannedDownsampling extends TimeRange {
  readonly rule: number;
  readonly resolutionMs: number;
}

export interface DownsamplingState {
  readonly rules: readonly DownsamplingRule[];
  /** Time ranges of the blocks with original samples. */
  readonly raw: readonly TimeRange[];
  readonly downsampled: readonly BlockMeta[];
  /** Length of a downsampled block, ms. Its start is a multiple of this length. */
  readonly spanMs: number;
  /**
   * Time in ms up to which the set of raw blocks is final: blocks that end before this time are not merged any more.
   */
  readonly settled: number;
  /** Exclusive end of the newest block, ms. The age of a block for the retention is its distance from this time. */
  readonly newest: number;
  /** Keys of downsamplings that are not tried again; see keyOfDownsampling(). */
  readonly done: ReadonlySet<string>;
}

/**
 * Returns the oldest time range that a rule requires and downsampled blocks do not cover. Undefined if no range is
 * missing.
 */
export function nextDownsampling(state: DownsamplingState): PlannedDownsampling | undefined {
  for (const planned of wanted(state)) if (planned.spanEnd <= state.settled) return planned.stretch;
  return undefined;
}

/**
 * Returns all time ranges that a rule requires and downsampled blocks do not cover, even if their blocks are not final.
 */
export const wantedDownsamplings = (state: DownsamplingState): readonly PlannedDownsampling[] =>
  Array.from(wanted(state), ({ stretch }) => stretch);

/**
 * Yields the time ranges that rules require and downsampled blocks do not cover, oldest spans first. The blocks in them
 * may not be final.
 */
function* wanted(
  state: DownsamplingState,
): Generator<{ readonly stretch: PlannedDownsampling; readonly spanEnd: number }> {
  const { rules, raw, spanMs } = state;
  if (rules.length === 0) return;
  const coverage = new Coverage(state);
  for (const start of spansOf(raw, spanMs)) {
    const spanEnd = start + spanMs;
    for (const [rule, { levels }] of rules.entries()) {
      for (const { resolutionMs, retentionMs } of levels) {
        if (retentionMs > 0 && state.newest - spanEnd >= retentionMs) continue;
        const planned = { rule, resolutionMs, minTime: start, maxTime: spanEnd };
        for (const stretch of uncovered(state, coverage, planned)) {
          if (retentionMs === 0 || state.newest - stretch.maxTime < retentionMs) yield { stretch, spanEnd };
        }
      }
    }
  }
}

/**
 * Yields the starts of the spans (lengths of a downsampled block) in which raw blocks exist, oldest first. Skips empty
 * spans, of which there may be many.
 */
function* spansOf(raw: readonly TimeRange[], spanMs: number): Generator<number> {
  let next = -Infinity;
  for (const { minTime, maxTime } of raw.toSorted((a, b) => a.minTime - b.minTime)) {
    let start = Math.max(next, Math.floor(minTime / spanMs) * spanMs);
    for (; start < maxTime; start += spanMs) yield start;
    next = Math.max(next, start);
  }
}

export const keyOfDownsampling = (
  rules: readonly DownsamplingRule[],
  { rule, resolutionMs, minTime, maxTime }: PlannedDownsampling,
): string => `${resolutionMs} ${keyOfSeries(seriesOfRule(rules, rule))} ${minTime} ${maxTime}`;

/** The time ranges that the downsampled blocks of one rule and resolution cover. */
interface LevelCoverage {
  /** Start of the first aggregation window whose samples all exist, ms. */
  readonly firstWindow: number;
  /** Time ranges of the blocks, sorted by start. */
  readonly blocks: readonly TimeRange[];
  /** Index of the next block to examine. Earlier blocks end before every span that a later call can request. */
  next: number;
}

/** The time ranges that raw and downsampled blocks cover. Spans must be requested in order of time. */
class Coverage {
  readonly raw: TimeRanges;
  readonly #state: DownsamplingState;
  /** Covered time ranges, by rule index and resolution. */
  readonly #levels = new Map<string, LevelCoverage>();
  readonly #blocksByKey: ReadonlyMap<string, readonly BlockMeta[]>;

  constructor(state: DownsamplingState) {
    this.raw = new TimeRanges(state.raw);
    this.#state = state;
    this.#blocksByKey = Map.groupBy(
      state.downsampled.toSorted((a, b) => a.minTime - b.minTime),
      keyOfBlock,
    );
  }

  of(rule: number, resolutionMs: number): LevelCoverage {
    const name = `${rule} ${resolutionMs}`;
    let level = this.#levels.get(name);
    if (level === undefined) {
      const key = `${resolutionMs} ${keyOfSeries(seriesOfRule(this.#state.rules, rule))}`;
      const blocks = this.#blocksByKey.get(key) ?? [];
      this.#levels.set(name, (level = { firstWindow: firstWindow(this.#state, rule, resolutionMs), blocks, next: 0 }));
    }
    return level;
  }
}

/**
 * Yields the parts of a planned time range that downsampled blocks do not cover, that have raw blocks, and that were
 * not tried before.
 */
function* uncovered(
  { rules, done }: DownsamplingState,
  coverage: Coverage,
  planned: PlannedDownsampling,
): Generator<PlannedDownsampling> {
  const level = coverage.of(planned.rule, planned.resolutionMs);
  const { blocks } = level;
  while (level.next < blocks.length && blocks[level.next]!.maxTime <= planned.minTime) level.next++;
  let from = Math.max(planned.minTime, level.firstWindow);
  for (let i = level.next; from < planned.maxTime; i++) {
    const { minTime, maxTime } = blocks[i] ?? { minTime: Infinity, maxTime: Infinity };
    const stretch = { ...planned, minTime: from, maxTime: Math.min(minTime, planned.maxTime) };
    const isWanted =
      stretch.minTime < stretch.maxTime &&
      coverage.raw.overlap(stretch) &&
      !done.has(keyOfDownsampling(rules, stretch));
    if (isWanted) yield stretch;
    from = Math.max(from, maxTime);
  }
}

/**
 * Returns the start of the first aggregation window whose samples all exist. If a downsampled block of the rule already
 * includes the window of the oldest raw sample, the first samples of this window may have been removed. Then the first
 * window begins at the next multiple of the coarsest resolution of these blocks.
 */
function firstWindow({ rules, raw, downsampled }: DownsamplingState, rule: number, resolutionMs: number): number {
  const oldest = raw.reduce((least, { minTime }) => Math.min(least, minTime), Infinity);
  const first = Math.floor(oldest / resolutionMs) * resolutionMs;
  const series = keyOfSeries(seriesOfRule(rules, rule));
  const known = downsampled.filter(
    (meta) => meta.minTime < first && meta.maxTime > oldest && keyOfSeries(meta.downsampled!.series) === series,
  );
  if (known.length === 0) return first;
  const coarsest = known.map((meta) => meta.downsampled!.resolutionMs).reduce((a, b) => Math.max(a, b), resolutionMs);
  return Math.ceil(oldest / coarsest) * coarsest;
}

/**
 * Returns the downsampled blocks that exceed their retention. If the rule of a block no longer exists, the longest
 * retention of its resolution applies.
 */
export function expiredDownsampled<B extends { readonly meta: BlockMeta }>(
  blocks: readonly B[],
  rules: readonly DownsamplingRule[],
  newest: number,
): readonly B[] {
  const retentions = new Map<string, number>(
    rules.flatMap(({ levels }, i) =>
      levels.map(
        ({ resolutionMs, retentionMs }) =>
          [`${resolutionMs} ${keyOfSeries(seriesOfRule(rules, i))}`, retentionMs] as const,
      ),
    ),
  );
  return blocks.filter(({ meta }) => {
    const retentionMs = retentions.get(keyOfBlock(meta)) ?? longest(rules, meta.downsampled?.resolutionMs);
    return retentionMs > 0 && newest - meta.maxTime >= retentionMs;
  });
}

/** Returns the longest retention of a resolution, ms. 0 means unlimited, or a resolution without a rule. */
function longest(rules: readonly DownsamplingRule[], resolution: number | undefined): number {
  const known = rules.flatMap(({ levels }) => levels.filter(({ resolutionMs }) => resolutionMs === resolution));
  return known.some(({ retentionMs }) => retentionMs === 0)
    ? 0
    : known.map((one) => one.retentionMs).reduce((a, b) => Math.max(a, b), 0);
}

/**
 * Returns the length of a downsampled block, ms: a multiple of one of the block lengths in `ranges`. A downsampled
 * block must be written long before retention removes the raw blocks. So the retention should be at least three times
 * the shortest length.
 */
export function downsampledSpan(ranges: readonly number[], retentionMs: number): number {
  if (retentionMs <= 0) return ranges.at(-1)!;
  const third = retentionMs / 3;
  const range = ranges.findLast((length) => length <= third) ?? ranges[0]!;
  return range * Math.max(1, Math.floor(third / range));
}
