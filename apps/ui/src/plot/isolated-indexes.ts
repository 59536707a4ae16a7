/**
 * Returns the indexes of values without neighbours. The plot draws these values as points, because a line through a
 * single value is invisible.
 */
export function isolatedIndexes(values: ArrayLike<number | null | undefined>, from: number, to: number): number[] {
  const found: number[] = [];
  for (let index = from; index <= to; index++) {
    if (values[index] == null) continue;
    if (values[index - 1] == null && values[index + 1] == null) found.push(index);
  }
  return found;
}
