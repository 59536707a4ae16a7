/** Filter for label names or values in a search. */
export interface WordFilter {
  /** Search terms. A name or value matches if it matches any term. Without terms, everything matches. */
  readonly terms: readonly string[];
  readonly algorithm: "subsequence" | "jarowinkler";
  /** Minimum score, from 0 to 1, of a word that does not contain a term but is similar to one. */
  readonly threshold: number;
  readonly caseSensitive: boolean;
}

/**
 * Computes the score of a word, from 0 to 1, or undefined if the word does not match. A word that begins with a term
 * has the score 1.
 */
type WordScore = (word: string) => number | undefined;

/**
 * Returns a function that scores words as Prometheus' search API does. The score of a word is the best score for any
 * term.
 */
export function wordScore({ terms, algorithm, threshold, caseSensitive }: WordFilter): WordScore {
  const folded = (text: string): string => (caseSensitive ? text : text.toLowerCase());
  const wanted = terms.filter((term) => term !== "").map(folded);
  if (wanted.length === 0) return () => 1;
  const scores = wanted.map((term) =>
    algorithm === "subsequence" ? subsequenceScore(term, threshold) : similarityScore(term, threshold),
  );
  return (word) => {
    const text = folded(word);
    let best: number | undefined;
    for (const score of scores) {
      const found = score(text);
      if (found !== undefined && (best === undefined || found > best)) best = found;
      if (best === 1) break;
    }
    return best;
  };
}

/** Returns the Unicode characters of a text. */
const lettersOf = (text: string): readonly string[] => Array.from(text);

/**
 * Makes a score function for words that contain all letters of the term in order, possibly with other letters between
 * them.
 */
function subsequenceScore(term: string, threshold: number): WordScore {
  const letters = lettersOf(term);
  return (text) => {
    if (text.startsWith(term)) return 1;
    const score = runsScore(letters, lettersOf(text));
    return score > 0 && score >= threshold ? score : undefined;
  };
}

/** Factor for words that are not equal to the term, so that their score is below 1. */
const INEXACT = 0.999;

/** Searches the letters of a term from each position of a word. Returns the best score; 0 without a match. */
function runsScore(term: readonly string[], text: readonly string[]): number {
  let best = -1;
  for (let start = 0; start <= text.length - term.length; start++) {
    if (text[start] !== term[0]) continue;
    const score = runsFrom(term, text, start);
    // Stops the search, because later positions cannot have a match if this position has none.
    if (score === undefined) break;
    if (score > best) best = score;
  }
  return best < 0 ? 0 : (best / (term.length * term.length)) * INEXACT;
}

/**
 * Scores a match that takes the next occurrence of each letter. Long runs of consecutive letters increase the score.
 * Gaps and the remaining letters of the word reduce the score.
 */
function runsFrom(term: readonly string[], text: readonly string[], start: number): number | undefined {
  const share = 1 / text.length;
  let [score, found, at, end] = [0, 0, start, -1];
  while (found < term.length) {
    while (at < text.length && text[at] !== term[found]) at++;
    if (at === text.length) return undefined;
    const from = at;
    while (found < term.length && at < text.length && text[at] === term[found]) {
      at++;
      found++;
    }
    const gap = from - end - 1;
    if (gap > 0) score -= gap * share;
    score += (at - from) * (at - from);
    end = at - 1;
  }
  const left = text.length - 1 - end;
  return left > 0 ? score - left * share * 0.5 : score;
}

/**
 * Makes a score function for words that contain the term, with a higher score for an earlier position. If a threshold
 * is set, other words get their Jaro-Winkler similarity.
 */
function similarityScore(term: string, threshold: number): WordScore {
  const letters = lettersOf(term);
  return (text) => {
    const at = text.indexOf(term);
    if (at === 0) return 1;
    if (at > 0) {
      const most = lettersOf(text).length - letters.length;
      return most <= 0 ? 1 : 1 - (0.9 * lettersOf(text.slice(0, at)).length) / most;
    }
    if (threshold === 0) return undefined;
    const score = similarity(letters, lettersOf(text));
    return score >= threshold ? score : undefined;
  };
}

const PREFIX_WEIGHT = 0.1;
const LONGEST_PREFIX = 4;

/**
 * Largest number of characters that are compared, because the time grows with the square of this number. No name is
 * that long.
 */
const MAX_LETTERS = 2048;

/** Returns the Jaro-Winkler similarity of two texts, from 0 to 1. Only the first MAX_LETTERS characters count. */
export function similarity(whole: readonly string[], otherWhole: readonly string[]): number {
  const [one, other] = [whole.slice(0, MAX_LETTERS), otherWhole.slice(0, MAX_LETTERS)];
  if (one.length === 0 || other.length === 0) return one.length === other.length ? 1 : 0;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  const reach = Math.max(Math.floor(long.length / 2) - 1, 0);
  const matched = new Uint8Array(long.length);
  const inShort: string[] = [];
  for (let i = 0; i < short.length; i++) {
    const end = Math.min(i + reach + 1, long.length);
    for (let j = Math.max(i - reach, 0); j < end; j++) {
      if (matched[j] === 1 || short[i] !== long[j]) continue;
      matched[j] = 1;
      inShort.push(short[i]!);
      break;
    }
  }
  if (inShort.length === 0) return 0;
  const inLong = long.filter((_, j) => matched[j] === 1);
  const moved = inShort.filter((letter, i) => letter !== inLong[i]).length;
  const count = inShort.length;
  const jaro = (count / short.length + count / long.length + (count - moved / 2) / count) / 3;
  let prefix = 0;
  while (prefix < Math.min(LONGEST_PREFIX, short.length) && short[prefix] === long[prefix]) prefix++;
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro);
}
