/** Indexes of values without a neighbour: a line has no stroke there, only a point shows them. */
export function lonelyIndexes(values: ArrayLike<number | null | undefined>, from: number, to: number): number[] {
  const found: number[] = [];
  for (let index = from; index <= to; index++) {
    if (values[index] == null) continue;
    if (values[index - 1] == null && values[index + 1] == null) found.push(index);
  }
  return found;
}
