/**
 * Returns the rows of a time column sorted by time, without rows that have no time. The sort is stable. Returns
 * undefined if the rows are already sorted.
 */
export function timeOrder(times: Float64Array): Int32Array | undefined {
  let isOrdered = times.length === 0 || times[0] === times[0];
  for (let row = 1; row < times.length && isOrdered; row++) isOrdered = times[row]! >= times[row - 1]!;
  if (isOrdered) return undefined;
  return Int32Array.from(times, (_time, row) => row)
    .filter((row) => times[row] === times[row])
    .sort((left, right) => times[left]! - times[right]! || left - right);
}
