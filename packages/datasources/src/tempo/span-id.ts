const HEX = /^[0-9a-f]{1,64}$/i;
const BASE64 = /^[A-Za-z0-9+/]{11}=$|^[A-Za-z0-9+/]{22}==$/;

/** Longest id of other formats that is kept, in characters. */
const MAX_CHARS = 128;

/**
 * Returns the id of a trace or span in hexadecimal digits. Servers send the bytes of an id in hexadecimal digits or in
 * base64.
 */
export function hexId(value: unknown): string {
  if (typeof value !== "string") return "";
  if (HEX.test(value)) return value.toLowerCase();
  if (BASE64.test(value)) return Buffer.from(value, "base64").toString("hex");
  return value.slice(0, MAX_CHARS);
}

/** Returns the id of a trace as it is shown: an id of 64 bits has no leading zeros. */
export function shownTraceId(value: unknown): string {
  const id = hexId(value);
  return id.length === 32 && id.startsWith("0000000000000000") ? id.slice(16) : id;
}
