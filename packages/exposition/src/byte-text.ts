import { isUtf8 } from "node:buffer";
import { quote } from "@narthex/model";
import { ExpositionError } from "./problem.ts";

/** Maximum length in bytes of a line or text in an exposition. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** Maximum length in bytes of a text in an error message. A longer text is shortened to SHOWN_BYTES. */
const MAX_SHOWN_BYTES = 8192;
const SHOWN_BYTES = 1024;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Throws ExpositionError if bytes[start, end) is longer than MAX_TEXT_BYTES. */
export function checkLength(bytes: Uint8Array, start: number, end: number): void {
  if (end - start <= MAX_TEXT_BYTES) return;
  throw new ExpositionError(`text longer than ${MAX_TEXT_BYTES} bytes: ${quoteBytes(bytes, start, end)}`, start);
}

/** Returns the text of bytes[start, end); invalid UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 64) return decoder.decode(bytes.subarray(start, end));
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Returns the text of bytes[start, end) for messages. A very long text is shortened and gets an ellipsis. */
export const shownText = (bytes: Uint8Array, start: number, end: number): string =>
  end - start > MAX_SHOWN_BYTES ? `${textOf(bytes, start, start + SHOWN_BYTES)}…` : textOf(bytes, start, end);

/** Reports whether bytes[start, end) is valid UTF-8. */
export function isUtf8Range(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return isUtf8(bytes.subarray(at, end));
  return true;
}

/** Formats bytes like Go's %q, with invalid UTF-8 as \xNN. A very long text is shortened and gets an ellipsis. */
export function quoteBytes(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_SHOWN_BYTES) return `${quoteBytes(bytes, start, start + SHOWN_BYTES).slice(0, -1)}…"`;
  if (isUtf8Range(bytes, start, end)) return quote(textOf(bytes, start, end));
  let out = "";
  for (let at = start; at < end;) {
    let size = 1;
    while (size <= 4 && at + size <= end && !isUtf8Range(bytes, at, at + size)) size++;
    const broken = size > 4 || at + size > end;
    out += broken ? `\\x${bytes[at]!.toString(16).padStart(2, "0")}` : quote(textOf(bytes, at, at + size)).slice(1, -1);
    at += broken ? 1 : size;
  }
  return `"${out}"`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\\\": "\\", "\\n": "\n", '\\"': '"' };

/**
 * Replaces the escapes \\,
 * and \" in label values and quoted names. Keeps other backslashes.
 */
export const unescapeValue = (text: string): string =>
  text.includes("\\") ? text.replace(/\\[\\n"]/g, (pair) => ESCAPES[pair]!) : text;

/**
 * Replaces the escapes \\ and
 * in HELP texts.
 */
export const unescapeHelp = (text: string): string =>
  text.includes("\\") ? text.replace(/\\[\\n]/g, (pair) => ESCAPES[pair]!) : text;

/** Reports whether an unsigned decimal number is less than 2^63. */
export function fitsInt64(digits: string): boolean {
  const significant = digits.replace(/^0+/, "");
  return significant.length < 19 || (significant.length === 19 && significant <= "9223372036854775807");
}
