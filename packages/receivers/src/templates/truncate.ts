const MARK = "…";
const MARK_BYTES = 3;

/** Cuts a text to at most `limit` code points, of which the last is an ellipsis if something was cut. */
export function truncateRunes(text: string, limit: number): string {
  // Fast path for short texts, because a text has at most as many code points as UTF-16 units.
  if (text.length <= limit) return text;
  const points = Array.from(text);
  return points.length <= limit ? text : `${points.slice(0, limit - 1).join("")}${MARK}`;
}

/**
 * Cuts a text to at most `limit` bytes of UTF-8, between code points. The length includes an ellipsis if something was
 * cut.
 */
export function truncateBytes(text: string, limit: number): string {
  return Buffer.byteLength(text) <= limit ? text : `${firstBytes(text, limit - MARK_BYTES)}${MARK}`;
}

/** Returns the longest prefix of whole code points that fits in `limit` bytes of UTF-8. */
export function firstBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  let end = Math.min(limit, bytes.length);
  while (end > 0 && (bytes[end] ?? 0) >> 6 === 0b10) end--;
  return bytes.toString("utf8", 0, end);
}
