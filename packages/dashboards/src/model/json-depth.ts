/**
 * Largest depth of a JSON value in a cell or in the description of a column. JSON.stringify() fails at a few thousand
 * levels, when a part of the answer may already be sent.
 */
export const MAX_VALUE_DEPTH = 500;

/** Reports whether arrays and objects are nested in more than `most` levels. The time is linear in the size. */
export function isDeeperThan(most: number, value: unknown): boolean {
  let level: object[] = isNested(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > most) return true;
    const next: object[] = [];
    for (const one of level) for (const item of Object.values(one) as unknown[]) if (isNested(item)) next.push(item);
    level = next;
  }
  return false;
}

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;
