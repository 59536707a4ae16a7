/**
 * This file converts text to title case like Go's `cases.Title(language.AmericanEnglish)`. Words end at Unicode's word
 * boundaries (UAX #29). A single `'`, `.`, `:` or `·` between letters does not end a word.
 */

/** Matches letters that have upper and lower case. */
const CASED = /\p{Cased}/u;
/** Matches characters with Unicode's word break properties MidLetter, MidNumLet and Single_Quote. */
const WITHIN_WORD = /['.:··՟״‘’․‧︓﹒﹕＇．：]/u;
/**
 * Matches letters, digits, connectors, marks and format characters, which belong to the same word as an adjacent
 * letter.
 */
const OF_WORD = /[\p{Alphabetic}\p{Nd}\p{Pc}\p{M}\p{Cf}]/u;
/** Matches letters of scripts in which Unicode treats each letter as a word. */
const OF_NO_WORD = /[\p{Ideographic}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}]/u;
const MTAVRULI = /[Ა-Ჿ]/u;
const IOTA_BELOW = "ͅ";
const CAPITAL_IOTA = "Ι";
/**
 * Characters that contain two letters, such as dž, with their title case. Title case makes only the first of the two
 * letters upper case.
 */
const DIGRAPHS: ReadonlyMap<string, string> = new Map([
  ["ǆ", "ǅ"],
  ["ǉ", "ǈ"],
  ["ǌ", "ǋ"],
  ["ǳ", "ǲ"],
  // The first part of this letter is an apostrophe, so only its second part is upper case in title case.
  ["ŉ", "ʼN"],
]);
/** Matches the text after a Greek sigma that is not the last letter of its word. */
const LETTER_FOLLOWS = /^\p{Case_Ignorable}*\p{Cased}/u;

/** @param lowers if true, all letters after the first letter of a word are converted to lower case */
export function titleCase(text: string, { lowers }: { readonly lowers: boolean }): string {
  let result = "";
  let at = 0;
  let [isInWord, wasWithin] = [false, false];
  for (const letter of text) {
    at += letter.length;
    const isWithin = WITHIN_WORD.test(letter);
    if (wasWithin && isWithin) isInWord = false;
    wasWithin = isWithin;
    if (CASED.test(letter)) {
      if (!isInWord) result += titled(letter);
      else if (!lowers) result += letter;
      else result += letter === "Σ" ? lowerSigma(text, at) : letter.toLowerCase();
      isInWord = true;
      continue;
    }
    result += letter;
    if (!isWithin && (!OF_WORD.test(letter) || OF_NO_WORD.test(letter))) isInWord = false;
  }
  return result;
}

/**
 * Returns the lower case of a Greek capital sigma: σ, or ς at the end of a word. `next` is the position after the
 * sigma.
 */
const lowerSigma = (text: string, next: number): string =>
  LETTER_FOLLOWS.test(text.slice(next, next + 64)) ? "σ" : "ς";

function titled(letter: string): string {
  const known = DIGRAPHS.get(letter);
  if (known !== undefined) return known;
  const upper = letter.toUpperCase();
  if (upper === letter || MTAVRULI.test(upper)) return letter;
  const [first = "", ...rest] = upper;
  if (rest.length === 0) return first;
  // Converts a Greek letter with iota subscript. Its title case is eight code points later, or listed in a table.
  if (rest.at(-1) === CAPITAL_IOTA && /[ᾀ-ᾷῂ-ῇῲ-ῷ]/u.test(letter)) {
    const own = ownTitle(letter);
    return own ?? first + rest.slice(0, -1).join("") + IOTA_BELOW;
  }
  return first + rest.join("").toLowerCase();
}

function ownTitle(letter: string): string | undefined {
  const code = letter.codePointAt(0)!;
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  if (letter === "ᾳ" || letter === "ῃ" || letter === "ῳ") return String.fromCodePoint(code + 9);
  return undefined;
}
