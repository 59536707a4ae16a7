const MARK = "…";
const MARK_BYTES = 3;

/** At most `limit` code points, the last one an ellipsis where something was cut. */
export function truncateRunes(text: string, limit: number): string {
  // No text has more code points than UTF-16 units.
  if (text.length <= limit) return text;
  const points = Array.from(text);
  return points.length <= limit ? text : `${points.slice(0, limit - 1).join("")}${MARK}`;
}

/** At most `limit` bytes of UTF-8, cut between code points, an ellipsis among them where something was cut. */
export function truncateBytes(text: string, limit: number): string {
  return Buffer.byteLength(text) <= limit ? text : `${firstBytes(text, limit - MARK_BYTES)}${MARK}`;
}

/** As many whole code points from the start as `limit` bytes of UTF-8 hold. */
export function firstBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  let end = Math.min(limit, bytes.length);
  while (end > 0 && (bytes[end] ?? 0) >> 6 === 0b10) end--;
  return bytes.toString("utf8", 0, end);
}
