/** A name that matches, and the positions of its letters that did. */
export interface FuzzyMatch {
  readonly text: string;
  readonly positions: readonly number[];
}

interface Scored extends FuzzyMatch {
  readonly score: number;
}

function isBoundary(text: string, index: number): boolean {
  return index === 0 || "_:./-".includes(text[index - 1] ?? "");
}

function matchFrom(pattern: string, text: string, begin: number): Scored | null {
  const positions: number[] = [];
  let at = begin;
  let score = 0;
  for (const letter of pattern) {
    const found = text.indexOf(letter, at);
    if (found === -1) return null;
    const follows = positions.length > 0 && found === (positions.at(-1) ?? 0) + 1;
    score += (follows ? 8 : 1) + (isBoundary(text, found) ? 6 : 0);
    positions.push(found);
    at = found + 1;
  }
  const span = (positions.at(-1) ?? 0) - (positions[0] ?? 0) + 1;
  return { text, positions, score: score - (span - pattern.length) * 0.5 - text.length * 0.02 };
}

function bestMatch(pattern: string, text: string): Scored | null {
  const lower = text.toLowerCase();
  let best: Scored | null = null;
  for (let begin = lower.indexOf(pattern[0] ?? ""); begin !== -1; begin = lower.indexOf(pattern[0] ?? "", begin + 1)) {
    const match = matchFrom(pattern, lower, begin);
    if (match === null) break;
    if (best === null || match.score > best.score) best = { ...match, text };
  }
  return best;
}

/**
 * Names that contain the letters of a pattern in order, best first: runs of letters and beginnings of words count
 * more. An empty pattern keeps all in their order.
 */
export function fuzzyFilter(pattern: string, names: readonly string[]): FuzzyMatch[] {
  const letters = pattern.toLowerCase().replaceAll(/\s+/g, "");
  if (letters === "") return names.map((text) => ({ text, positions: [] }));
  return names
    .map((name) => bestMatch(letters, name))
    .filter((match): match is Scored => match !== null)
    .sort((left, right) => right.score - left.score || (left.text < right.text ? -1 : 1));
}
