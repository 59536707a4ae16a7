import { isUtf8 } from "node:buffer";
import { quote } from "@narthex/model";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text of bytes[start, end); broken UTF-8 becomes U+FFFD. */
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

/** Is bytes[start, end) valid UTF-8? */
export function isUtf8Range(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return isUtf8(bytes.subarray(at, end));
  return true;
}

/** Go's %q of bytes: broken UTF-8 as \xNN. */
export function quoteBytes(bytes: Uint8Array, start: number, end: number): string {
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

/** Resolves \\, \n and \" of label values and quoted names; other backslashes stay. */
export const unescapeValue = (text: string): string =>
  text.includes("\\") ? text.replace(/\\[\\n"]/g, (pair) => ESCAPES[pair]!) : text;

/** Resolves \\ and \n of HELP texts. */
export const unescapeHelp = (text: string): string =>
  text.includes("\\") ? text.replace(/\\[\\n]/g, (pair) => ESCAPES[pair]!) : text;

/** Do unsigned digits stay below 2^63? However many there are, they are looked at once. */
export function fitsInt64(digits: string): boolean {
  const significant = digits.replace(/^0+/, "");
  return significant.length < 19 || (significant.length === 19 && significant <= "9223372036854775807");
}
