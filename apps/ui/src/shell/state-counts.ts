/** Counts the states. Returns undefined for unknown states: a page must not show 0 if it does not know the number. */
export function countStates<T extends string>(known: readonly T[], states: Iterable<T>): Readonly<Record<T, number>>;
export function countStates<T extends string>(
  known: readonly T[],
  states: Iterable<T> | undefined,
): Readonly<Record<T, number>> | undefined;
export function countStates<T extends string>(
  known: readonly T[],
  states: Iterable<T> | undefined,
): Readonly<Record<T, number>> | undefined {
  if (states === undefined) return undefined;
  const counts = Object.fromEntries(known.map((state) => [state, 0])) as Record<T, number>;
  for (const state of states) counts[state]++;
  return counts;
}
