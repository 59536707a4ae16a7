/** Letters whose simple upper case is a single letter, while JavaScript returns two (Greek with iota below). */
const IOTA = /^[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7\u1fb3\u1fc3\u1ff3]$/;
const ASCII = /^[\0-\x7f]*$/;

/** Converts like Go's strings.ToUpper: each character separately, to at most one other (`ß` is unchanged). */
export function goUpper(text: string): string {
  return ASCII.test(text) ? text.toUpperCase() : mapCharacters(text, upper);
}

/** Converts like Go's strings.ToLower: each character separately (a final sigma is no exception). */
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
  return isOne(mapped) ? mapped : "i"; // only İ has two
}

const isOne = (text: string): boolean => text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);
