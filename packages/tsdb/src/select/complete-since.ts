/**
 * Longest pause in the stored samples within complete data: during a longer one other servers may have stored samples.
 */
const LONGEST_GAP_MS = 2 * 3_600_000;

/**
 * Time since when the stored samples have no long gap, ms. Older data, for instance an imported block, may be
 * incomplete. Infinity if nothing is stored.
 *
 * @param headStart time of the oldest sample of the head, Infinity if it is empty
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
