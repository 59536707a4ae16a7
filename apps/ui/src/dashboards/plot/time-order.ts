/**
 * Returns the rows of a column of times in the order of their times, without those that have no time. Rows of equal times
 * keep their order. Returns undefined if the rows are in order.
 */
export function timeOrder(times: Float64Array): Int32Array | undefined {
  let isOrdered = times.length === 0 || times[0] === times[0];
  for (let row = 1; row < times.length && isOrdered; row++) isOrdered = times[row]! >= times[row - 1]!;
  if (isOrdered) return undefined;
  return Int32Array.from(times, (_time, row) => row)
    .filter((row) => times[row] === times[row])
    .sort((left, right) => times[left]! - times[right]! || left - right);
}
