const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const NAMED: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

const ESCAPE = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu;

/**
 * The value of a string token, quotes included, whose escapes the lexer has checked. `\xHH` and octal escapes name bytes;
 * a
 * byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, so that no such text passes as a name and
 * it can be printed again.
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
  let out = "";
  for (let i = 0; i < bytes.length;) {
    const [char, length] = decodeOne(bytes, i);
    out += char;
    i += length;
  }
  return out;
}

/** The character that begins at `index` and its length in bytes. */
function decodeOne(bytes: Uint8Array, index: number): readonly [string, number] {
  for (let length = 1; length <= 4 && index + length <= bytes.length; length++) {
    try {
      return [decoder.decode(bytes.subarray(index, index + length)), length];
    } catch {
      // Too short or broken: one more byte may complete it.
    }
  }
  return [String.fromCharCode(0xdc00 + bytes[index]!), 1];
}
