import type { SelectHints } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import { keyOfSeries } from "./rule.ts";

type Described = Pick<Block, "meta">;

/** A downsampled block and the time range in which a query reads it, ms; `maxTime` is exclusive. */
export interface DownsampledRange<B extends Described = Block> {
  readonly block: B;
  readonly minTime: number;
  readonly maxTime: number;
}

/**
 * Chooses the downsampled blocks that a query reads, oldest first. Prefers the coarsest resolution whose windows are no
 * longer than the query's own window. Time ranges without such a block are read from the next finer resolution, then
 * from coarser ones.
 */
export function chooseDownsampled<B extends Described>(
  blocks: readonly B[],
  { window }: Pick<SelectHints, "window">,
): DownsampledRange<B>[] {
  const ranked = blocks.toSorted((a, b) => rankOf(a, window) - rankOf(b, window));
  const chosen: DownsampledRange<B>[] = [];
  for (const block of ranked) {
    const { minTime, maxTime } = block.meta;
    let left: DownsampledRange<B>[] = [{ block, minTime, maxTime }];
    for (const better of chosen) {
      if (resolutionOf(better.block) === resolutionOf(block) || !isOfSameSeries(better.block, block)) continue;
      left = left.flatMap((stretch) => without(stretch, better));
    }
    for (const item of left) chosen.push(item);
  }
  return chosen.sort((a, b) => a.minTime - b.minTime);
}

export const resolutionOf = ({ meta }: Described): number => meta.downsampled!.resolutionMs;

const isOfSameSeries = (a: Described, b: Described): boolean =>
  keyOfSeries(a.meta.downsampled!.series) === keyOfSeries(b.meta.downsampled!.series);

/**
 * Returns the parts of a time range that are before and after another range. Aggregation windows are half-open, (start,
 * end]: a row at the end of a window represents the time before it.
 */
function without<B extends Described>(
  stretch: DownsampledRange<B>,
  { minTime, maxTime }: DownsampledRange<B>,
): DownsampledRange<B>[] {
  if (maxTime <= stretch.minTime || minTime >= stretch.maxTime) return [stretch];
  return [
    ...(minTime > stretch.minTime ? [{ ...stretch, maxTime: minTime + 1 }] : []),
    ...(maxTime < stretch.maxTime ? [{ ...stretch, minTime: maxTime + 1 }] : []),
  ];
}

/**
 * Returns the rank of a downsampled block for a query; smaller is better. Resolutions that fit into the query's window
 * have precedence, longer resolutions first. Resolutions that do not fit follow, shorter resolutions first.
 */
function rankOf(block: Described, window = 0): number {
  const resolution = resolutionOf(block);
  return resolution <= window ? window - resolution : window + resolution;
}
