/** Matches Greek letters with iota subscript. Their upper case has one letter in Go, but two in JavaScript. */
const IOTA = /^[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7\u1fb3\u1fc3\u1ff3]$/;
const ASCII = /^[\0-\x7f]*$/;

/** Converts a text like Go's strings.ToUpper. Each character becomes exactly one character (`ß` is unchanged). */
export function goUpper(text: string): string {
  return ASCII.test(text) ? text.toUpperCase() : mapCharacters(text, upper);
}

/**
 * Converts a text like Go's strings.ToLower. Each character is converted separately, so a sigma at the end of a word
 * has no special form.
 */
export function goLower(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : mapCharacters(text, lower);
}

function mapCharacters(text: string, map: (char: string) => string): string {
  let out = "";
  for (const char of text) out += map(char);
  return out;
}

function upper(char: string): string {
  const mapped = char.toUpperCase();
  if (isOne(mapped)) return mapped;
  if (!IOTA.test(char)) return char;
  const distance = /[\u1fb3\u1fc3\u1ff3]/.test(char) ? 9 : 8;
  return String.fromCharCode(char.charCodeAt(0) + distance);
}

function lower(char: string): string {
  const mapped = char.toLowerCase();
  // Returns `i` for `İ`, as Go does. In JavaScript, only the lower case of `İ` has two characters.
  return isOne(mapped) ? mapped : "i";
}

const isOne = (text: string): boolean => text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);
