const encoder = new TextEncoder();
const decoder = new TextDecoder();

const NAMED: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

const ESCAPE = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gsu;

/**
 * The value of a string token, quotes included, whose escapes the lexer has checked. `\xHH` and octal escapes name bytes;
 * bytes that are no UTF-8 become U+FFFD.
 */
export function unquote(literal: string): string {
  const body = literal.slice(1, -1);
  if (literal.startsWith("`") || !body.includes("\\")) return body;
  const bytes: number[] = [];
  let from = 0;
  for (const match of body.matchAll(ESCAPE)) {
    bytes.push(...encoder.encode(body.slice(from, match.index)));
    from = match.index + match[0].length;
    const [, octal, hex, short, long, named] = match;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (named !== undefined) bytes.push(...encoder.encode(NAMED[named] ?? named));
    else bytes.push(...encoder.encode(String.fromCodePoint(Number.parseInt(short ?? long!, 16))));
  }
  bytes.push(...encoder.encode(body.slice(from)));
  return decoder.decode(Uint8Array.from(bytes));
}
