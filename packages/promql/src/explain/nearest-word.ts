/** Maximum number of characters of a word that are compared. */
const MAX_CHARACTERS = 128;

/** Returns how many characters must be added, removed or replaced to turn one word into another, at most `limit`. */
function editDistance(a: string, b: string, limit = Infinity): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (long.length - short.length >= limit) return limit;
  const width = Math.min(short.length, MAX_CHARACTERS);
  let above = Uint16Array.from({ length: width + 1 }, (_, i) => i);
  let row = new Uint16Array(width + 1);
  for (let i = 1; i <= Math.min(long.length, MAX_CHARACTERS); i++) {
    row[0] = i;
    let least = i;
    for (let j = 1; j <= width; j++) {
      const replaced = above[j - 1]! + (long.charCodeAt(i - 1) === short.charCodeAt(j - 1) ? 0 : 1);
      row[j] = Math.min(replaced, above[j]! + 1, row[j - 1]! + 1);
      if (row[j]! < least) least = row[j]!;
    }
    if (least >= limit) return limit;
    [above, row] = [row, above];
  }
  return Math.min(limit, above[width]!);
}

/** Maximum fraction of characters in which similar words may differ. */
const MAX_CHANGED = 0.5;

/**
 * Returns the word that is most similar to `wanted`, or undefined if no word is similar. If several words are equally
 * similar, returns the first of them.
 */
export async function nearestWord(
  wanted: string,
  words: readonly string[],
  yieldToEventLoop: () => Promise<void> | undefined,
): Promise<string | undefined> {
  let found: string | undefined;
  let least = Math.ceil(wanted.length * MAX_CHANGED) + 1;
  for (const word of words) {
    const distance = editDistance(wanted, word, least);
    if (distance < least) {
      found = word;
      least = distance;
    }
    const pause = yieldToEventLoop();
    if (pause !== undefined) await pause;
  }
  return found;
}
