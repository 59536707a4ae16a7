const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const NAMED: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

const ESCAPE = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu;

/**
 * Returns the value of a string token in quotes, whose escapes are known to be valid. `\xHH` and octal escapes are
 * bytes. A byte outside valid UTF-8 becomes the lone surrogate U+DC00 + byte, so the text is never a valid name and can
 * be printed unchanged.
 */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith("`") || !body.includes("\\")) return body;
  const bytes: number[] = [];
  const put = (text: string): void => {
    for (const byte of encoder.encode(text)) bytes.push(byte);
  };
  let from = 0;
  for (const match of body.matchAll(ESCAPE)) {
    put(body.slice(from, match.index));
    from = match.index + match[0].length;
    const [, octal, hex, short, long, named] = match;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (named !== undefined) put(NAMED[named] ?? named);
    else put(String.fromCodePoint(Number.parseInt(short ?? long!, 16)));
  }
  put(body.slice(from));
  return decode(Uint8Array.from(bytes));
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return decodePiecewise(bytes);
  }
}

function decodePiecewise(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length;) {
    const length = characterLength(bytes, i);
    parts.push(length === 0 ? String.fromCharCode(0xdc00 + bytes[i]!) : decoder.decode(bytes.subarray(i, i + length)));
    i += Math.max(1, length);
  }
  return parts.join("");
}

/**
 * Smallest valid second byte of a UTF-8 character, for first bytes with a special limit. The next table has the largest
 * valid second byte.
 */
const SECOND_FROM: Readonly<Record<number, number>> = { 0xe0: 0xa0, 0xf0: 0x90 };
const SECOND_TO: Readonly<Record<number, number>> = { 0xed: 0x9f, 0xf4: 0x8f };

/** Returns the length in bytes of the UTF-8 character that begins at `index`; 0 if it is invalid. */
function characterLength(bytes: Uint8Array, index: number): number {
  const first = bytes[index]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[index + 1] ?? 0;
  if (second < (SECOND_FROM[first] ?? 0x80) || second > (SECOND_TO[first] ?? 0xbf)) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = index + 2; i < index + length; i++) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
