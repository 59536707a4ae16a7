/**
 * Longest gap in ms between stored samples for which the data counts as complete. During a longer gap, a different
 * server may have stored the samples.
 */
const LONGEST_GAP_MS = 2 * 3_600_000;

/**
 * Returns the time in ms since which the stored samples have no long gap. Older data, for instance an imported block,
 * may be incomplete. Returns Infinity if nothing is stored.
 * @param headStart time of the oldest sample of the head, ms; Infinity if the head is empty
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
