import { hexDigit } from "@narthex/bytes";

const MAX_LINE = 4096;
const [TAB, NEWLINE, RETURN, SPACE, EQUALS] = [9, 10, 13, 32, 61];
const MAX_ASCII = 0x7e;

/**
 * Decodes quoted-printable text as Go does. Each char is one byte. Returns undefined for an invalid byte or a
 * line of more than 4,096 bytes.
 */
export function decodeQuotedPrintable(text: string): string | undefined {
  const decoded = Buffer.alloc(text.length);
  let length = 0;
  for (let start = 0, next = 0; start < text.length; start = next) {
    next = text.indexOf("\n", start) + 1 || text.length;
    if (next - start > MAX_LINE) return undefined;
    const end = endOfContent(text, start, next);
    const isContinued = end > start && text.charCodeAt(end - 1) === EQUALS;
    if (isContinued && !isSoftBreak(text, start, end, next)) return undefined;
    for (let at = start; at < end - Number(isContinued); at++) {
      const byte = text.charCodeAt(at);
      const hex = byte === EQUALS ? hexAt(text, at + 1, end - Number(isContinued)) : undefined;
      if (hex === undefined ? !isAllowed(byte) : Number.isNaN(hex)) return undefined;
      decoded[length++] = hex ?? byte;
      if (hex !== undefined) at += 2;
    }
    if (isContinued || text.charCodeAt(next - 1) !== NEWLINE) continue;
    if (next - 1 > start && text.charCodeAt(next - 2) === RETURN) decoded[length++] = RETURN;
    decoded[length++] = NEWLINE;
  }
  return decoded.toString("latin1", 0, length);
}

function endOfContent(text: string, start: number, next: number): number {
  let end = next;
  while (end > start && isWhite(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Reports whether a line ends with an equals sign, which removes the line break. */
function isSoftBreak(text: string, start: number, end: number, next: number): boolean {
  let at = end;
  while (at < next && isBlank(text.charCodeAt(at))) at++;
  if (at === next) return end - start > 1;
  return at === next - 1 ? text[at] === "\n" : text.startsWith("\r\n", at);
}

/** Returns the byte that two hex digits encode, undefined if the equals sign is literal, or NaN if it is invalid. */
function hexAt(text: string, at: number, end: number): number | undefined {
  if (at === end || text.charCodeAt(at) === RETURN) return Number.NaN;
  const [high, low] = at + 2 <= end ? [hexDigit(text.charCodeAt(at)), hexDigit(text.charCodeAt(at + 1))] : [-1, -1];
  return high < 0 || low < 0 ? undefined : high * 16 + low;
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;
const isWhite = (byte: number): boolean => isBlank(byte) || byte === NEWLINE || byte === RETURN;
const isAllowed = (byte: number): boolean =>
  (byte >= SPACE && byte <= MAX_ASCII) || byte > MAX_ASCII + 1 || isWhite(byte);
