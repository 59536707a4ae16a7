import { isUtf8 } from "node:buffer";

/**
 * Decodes UTF-8. Each byte that is not valid UTF-8 becomes a lone surrogate from U+DC80 on, which quote() prints as
 * `\xNN`.
 */
export function utf8Text(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(bytes)) return text.toString("utf8");
  let out = "";
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const size = bytes[at]! < 0x80 ? 1 : characterSize(bytes, at);
    at += size;
    if (size !== 0) continue;
    out += text.toString("utf8", from, at) + String.fromCharCode(0xdc00 + bytes[at]!);
    from = ++at;
  }
  return out + text.toString("utf8", from);
}

/** Returns the number of bytes of the UTF-8 character at a position, or 0 if there is no valid character. */
function characterSize(bytes: Uint8Array, at: number): number {
  for (let size = 2; size <= 4 && at + size <= bytes.length; size++) {
    if (isUtf8(bytes.subarray(at, at + size))) return size;
  }
  return 0;
}
