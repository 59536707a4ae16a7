/**
 * Title case like Go's `cases.Title(language.AmericanEnglish)`: words end at Unicode's word boundaries (UAX #29), and a
 * single `'`, `.`, `:` or `·` within a word does not end it.
 */

const CASED = /\p{Cased}/u;
/** The properties MidLetter, MidNumLet and Single_Quote of Unicode's word boundaries. */
const WITHIN_WORD = /['.:··՟״‘’․‧︓﹒﹕＇．：]/u;
/** Letters, digits, connectors, marks and format characters: there is no word boundary between them and a letter. */
const OF_WORD = /[\p{Alphabetic}\p{Nd}\p{Pc}\p{M}\p{Cf}]/u;
/** Letters that are separate words in Unicode. */
const OF_NO_WORD = /[\p{Ideographic}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}]/u;
const MTAVRULI = /[Ა-Ჿ]/u;
const IOTA_BELOW = "ͅ";
const CAPITAL_IOTA = "Ι";
/** Digraphs, of which the title case has only the first letter in upper case. */
const DIGRAPHS: ReadonlyMap<string, string> = new Map([
  ["ǆ", "ǅ"],
  ["ǉ", "ǈ"],
  ["ǌ", "ǋ"],
  ["ǳ", "ǲ"],
  // Its first part is not a letter.
  ["ŉ", "ʼN"],
]);
/** Matches text before which a sigma is not the last letter of its word. */
const LETTER_FOLLOWS = /^\p{Case_Ignorable}*\p{Cased}/u;

/** @param lowers true to convert the letters after the first one of each word to lower case */
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

/** @param next position after the sigma */
const lowerSigma = (text: string, next: number): string =>
  LETTER_FOLLOWS.test(text.slice(next, next + 64)) ? "σ" : "ς";

/** Returns one letter in title case. */
function titled(letter: string): string {
  const known = DIGRAPHS.get(letter);
  if (known !== undefined) return known;
  const upper = letter.toUpperCase();
  if (upper === letter || MTAVRULI.test(upper)) return letter;
  const [first = "", ...rest] = upper;
  if (rest.length === 0) return first;
  // Greek letters with an iota below. Those with their own title case are eight code points later, or are listed.
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
