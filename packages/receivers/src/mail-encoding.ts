/** Longest encoded word of a header (RFC 2047, 2). */
const MAX_WORD = 75;
const WORD_START = "=?utf-8?q?";
const WORD_END = "?=";

/** Longest line of a header, RFC 5322, 2.1.1, with room for its name. */
const MAX_HEADER_LINE = 900;

/** A header's value: as it is where it is printable ASCII, else as encoded words. Line breaks never get through. */
export function encodeHeader(value: string): string {
  if (/^[\x20-\x7e\t]*$/.test(value)) return foldLong(value);
  const words: string[] = [];
  let word = "";
  for (const char of value) {
    const encoded = encodeChar(char);
    if (WORD_START.length + word.length + encoded.length + WORD_END.length > MAX_WORD) {
      words.push(word);
      word = "";
    }
    word += encoded;
  }
  return [...words, word].map((each) => `${WORD_START}${each}${WORD_END}`).join("\r\n ");
}

function encodeChar(char: string): string {
  if (char === " ") return "_";
  if (/^[!-~]$/.test(char) && !"=?_".includes(char)) return char;
  return Array.from(Buffer.from(char), hex).join("");
}

const hex = (byte: number): string => `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;

/** Breaks an overlong value at a space, where a reader takes the break back. */
function foldLong(value: string): string {
  if (value.length <= MAX_HEADER_LINE) return value;
  const lines: string[] = [];
  let rest = value;
  while (rest.length > MAX_HEADER_LINE) {
    const space = rest.lastIndexOf(" ", MAX_HEADER_LINE);
    const end = space > 0 ? space : MAX_HEADER_LINE;
    lines.push(rest.slice(0, end));
    rest = rest.slice(space > 0 ? end + 1 : end);
  }
  return [...lines, rest].join("\r\n ");
}

/** Longest line of a quoted-printable text (RFC 2045, 6.7). */
const MAX_LINE = 76;

/** A text as quoted-printable, lines ended by CRLF. */
export function quotedPrintable(text: string): string {
  return text
    .split(/\r\n|\n/)
    .map(encodeLine)
    .join("\r\n");
}

function encodeLine(line: string): string {
  let out = "";
  let length = 0;
  const bytes = Buffer.from(line);
  for (const [i, byte] of bytes.entries()) {
    const isBlank = byte === 0x20 || byte === 0x09;
    const isPlain = isBlank ? i < bytes.length - 1 : byte > 0x20 && byte < 0x7f && byte !== 0x3d;
    const encoded = isPlain ? String.fromCharCode(byte) : hex(byte);
    // The last column is kept for the mark of a soft break.
    if (length + encoded.length >= MAX_LINE) {
      out += "=\r\n";
      length = 0;
    }
    out += encoded;
    length += encoded.length;
  }
  return out;
}
