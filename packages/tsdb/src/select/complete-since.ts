/** A pause in what is stored that ends what counts as complete: others may have stored meanwhile what is not here. */
const LONGEST_GAP_MS = 2 * 3_600_000;

/**
 * Since when the storage holds what was stored without a long gap, ms: what is older, a block that was brought in for
 * instance, may be a part only. Infinity where nothing is stored.
 *
 * @param headStart time of the oldest sample of the head, Infinity where it is empty
 */
export function completeSince(
  headStart: number,
  blocks: Iterable<{ readonly minTime: number; readonly maxTime: number }>,
): number {
  let start = headStart;
  for (const { minTime, maxTime } of [...blocks].sort((a, b) => b.maxTime - a.maxTime)) {
    if (start !== Infinity && maxTime < start - LONGEST_GAP_MS) break;
    start = Math.min(start, minTime);
  }
  return start;
}
