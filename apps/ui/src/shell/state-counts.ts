export function countStates<T extends string>(known: readonly T[], states: Iterable<T>): Readonly<Record<T, number>> {
  const counts = Object.fromEntries(known.map((state) => [state, 0])) as Record<T, number>;
  for (const state of states) counts[state]++;
  return counts;
}
