/** Returns the relative change of a value. Returns undefined if the earlier value was 0 or a value is not a number. */
export function relativeDifference(now: number, before: number): number | undefined {
  const share = (now - before) / Math.abs(before);
  return before !== 0 && Number.isFinite(share) ? share : undefined;
}
