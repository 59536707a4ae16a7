/** By what share of its former self a value has changed; undefined where that says nothing: it was nothing, or is no number. */
export function relativeDifference(now: number, before: number): number | undefined {
  const share = (now - before) / Math.abs(before);
  return before !== 0 && Number.isFinite(share) ? share : undefined;
}
