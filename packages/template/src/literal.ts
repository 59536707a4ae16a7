/** A literal in a template is invalid in Go. The message is Go's. */
export class LiteralError extends Error {
  override readonly name = "LiteralError";
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** Returns the value of a Go string literal in its quotes: `"…"` with escapes, or back quotes without escapes. */
export function unquoteString(literal: string): string {
  const mark = literal[0]!;
  const inner = literal.slice(1, -1);
  if (mark === "`") return inner.replaceAll("\r", "");
  return unescape(inner, mark);
}

/** Returns the code point of a Go rune literal such as `'a'` or `'\n'`. */
export function unquoteRune(literal: string): bigint {
  const points = Array.from(unescape(literal.slice(1, -1), "'"));
  if (points.length !== 1) throw new LiteralError(`malformed character constant: ${literal}`);
  return BigInt(points[0]!.codePointAt(0)!);
}

/**
 * Resolves the escapes in a literal. `\xNN` and octal escapes represent bytes, so a text that contains them is built
 * from bytes.
 */
function unescape(text: string, mark: string): string {
  if (!text.includes("\\")) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  const escape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/y;
  for (let at = 0; at < text.length;) {
    if (text[at] !== "\\") {
      const point = String.fromCodePoint(text.codePointAt(at)!);
      for (const item of encoder.encode(point)) bytes.push(item);
      at += point.length;
      continue;
    }
    escape.lastIndex = at;
    const found = escape.exec(text);
    if (found === null) throw new LiteralError("invalid syntax");
    const [whole, hex, short, long, octal, simple] = found;
    const byte = hex === undefined ? octal : hex;
    if (byte !== undefined) bytes.push(Number.parseInt(byte, hex === undefined ? 8 : 16) & 0xff);
    else if (simple !== undefined) {
      if ((simple === "'" || simple === '"') && simple !== mark) throw new LiteralError("invalid syntax");
      for (const item of encoder.encode(SIMPLE[simple])) bytes.push(item);
    } else for (const item of encoder.encode(codePoint(short ?? long!))) bytes.push(item);
    at += whole.length;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function codePoint(hex: string): string {
  const code = Number.parseInt(hex, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new LiteralError("invalid syntax");
  return String.fromCodePoint(code);
}

const INTEGER = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/;
const FLOAT = /^[+-]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?$/;

/** Parses a Go number. An integer becomes a bigint, a float a number. Throws LiteralError. */
export function parseNumber(text: string): bigint | number {
  if (INTEGER.test(text)) {
    const value = integer(text.replaceAll("_", ""));
    if (value > 0xffff_ffff_ffff_ffffn || value < -(2n ** 63n)) throw new LiteralError(`integer overflow: "${text}"`);
    return value;
  }
  const value = FLOAT.test(text) ? Number(text.replaceAll("_", "")) : NaN;
  if (Number.isFinite(value)) return value;
  throw new LiteralError(`illegal number syntax: "${text}"`);
}

function integer(text: string): bigint {
  const negative = text.startsWith("-");
  const digits = text.replace(/^[+-]/, "");
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return negative ? -value : value;
}
