/** A name that matches a search, with the sorted positions of its matching letters. */
export interface FuzzyMatch {
  readonly text: string;
  readonly positions: readonly number[];
}

/** The positions in a name of the letters of one search word. A lower cost is a better match. */
interface WordMatch {
  readonly positions: readonly number[];
  readonly cost: number;
}

/**
 * Costs of a search word that occurs in a name without gaps: at the start of the name, at the start of a part such as
 * `cpu` in `node_cpu`, or inside a part.
 */
const [AT_START, AT_PART, WITHIN_PART] = [0, 1, 2];
/** Costs of consecutive matching letters: at the start of a part of the metric's name, and inside a part. */
const [PIECE_AT_PART, PIECE_WITHIN_PART] = [2, 3];

const LETTER = /[\p{L}\p{N}]/u;

const beginsPart = (name: string, at: number): boolean => at === 0 || !LETTER.test(name[at - 1]!);

function wholeWord(word: string, name: string): WordMatch | undefined {
  const first = name.indexOf(word);
  if (first < 0) return undefined;
  let at = first;
  while (at >= 0 && !beginsPart(name, at)) at = name.indexOf(word, at + 1);
  const begin = at < 0 ? first : at;
  const cost = at < 0 ? WITHIN_PART : at === 0 ? AT_START : AT_PART;
  return { positions: Array.from({ length: word.length }, (_, index) => begin + index), cost };
}

function costOf(positions: readonly number[], name: string): number {
  let cost = 0;
  positions.forEach((at, index) => {
    if (index > 0 && positions[index - 1] === at - 1) return;
    cost += beginsPart(name, at) ? PIECE_AT_PART : PIECE_WITHIN_PART;
  });
  return cost;
}

/**
 * Finds the letters of a search word in order. Chooses the earliest positions, or those closest to the last letter if
 * this costs less.
 */
function scatteredWord(word: string, name: string): WordMatch | undefined {
  const earliest: number[] = [];
  let at = -1;
  for (const letter of word.split("")) {
    at = name.indexOf(letter, at + 1);
    if (at < 0) return undefined;
    earliest.push(at);
  }
  const latest = earliest.slice();
  for (let index = word.length - 2; index >= 0; index--)
    latest[index] = name.lastIndexOf(word[index]!, latest[index + 1]! - 1);
  const [left, right] = [costOf(earliest, name), costOf(latest, name)];
  return left <= right ? { positions: earliest, cost: left } : { positions: latest, cost: right };
}

/**
 * Converts text to lower case. Text whose length would change is returned unchanged, because the positions of letters
 * would be wrong.
 */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function nameMatch(words: readonly string[], text: string): WordMatch | undefined {
  const name = lowerCase(text);
  const found: WordMatch[] = [];
  for (const word of words) {
    const match = wholeWord(word, name) ?? scatteredWord(word, name);
    if (match === undefined) return undefined;
    found.push(match);
  }
  const positions = [...new Set(found.flatMap((match) => match.positions))].sort((left, right) => left - right);
  return { positions, cost: found.reduce((sum, { cost }) => sum + cost, 0) };
}

/**
 * Returns the names that contain all words of a pattern, in any order, best match first. The letters of a word may have
 * gaps, as in `nctot` for `node_cpu_seconds_total`. An empty pattern keeps all names.
 */
export function fuzzyFilter(pattern: string, names: readonly string[]): FuzzyMatch[] {
  const words = pattern.trim().split(/\s+/).map(lowerCase);
  if (words[0] === "") return names.map((text) => ({ text, positions: [] }));
  return names
    .flatMap((text) => {
      const match = nameMatch(words, text);
      return match === undefined ? [] : [{ text, ...match }];
    })
    .sort((left, right) => left.cost - right.cost || left.text.length - right.text.length)
    .map(({ text, positions }) => ({ text, positions }));
}
