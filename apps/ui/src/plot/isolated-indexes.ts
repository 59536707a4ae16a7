/** Returns the indexes of values without a neighbour. A line has no stroke there, so they are drawn as points. */
export function isolatedIndexes(values: ArrayLike<number | null | undefined>, from: number, to: number): number[] {
  const found: number[] = [];
  for (let index = from; index <= to; index++) {
    if (values[index] == null) continue;
    if (values[index - 1] == null && values[index + 1] == null) found.push(index);
  }
  return found;
}
