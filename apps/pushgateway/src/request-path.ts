/** A request's path with its escapes resolved, as UTF-8 bytes. */
export type RequestPath = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false };

const PERCENT = 0x25;
const HEX = /^[0-9a-fA-F]{2}$/;

/** The path of a URL as Go reads it: any byte may be escaped, and an escaped slash is one. */
export function requestPath(url: string): RequestPath {
  const question = url.indexOf("?");
  const raw = Buffer.from(question === -1 ? url : url.slice(0, question), "latin1");
  const bytes = Buffer.alloc(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] !== PERCENT) {
      bytes[length++] = raw[at]!;
      continue;
    }
    const digits = raw.toString("latin1", at + 1, at + 3);
    if (!HEX.test(digits)) return { ok: false };
    bytes[length++] = parseInt(digits, 16);
    at += 2;
  }
  return { ok: true, bytes: bytes.subarray(0, length) };
}

/** A path without repeated slashes and dot segments; a slash at its end stays. */
export function cleanPath(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  const clean = `/${kept.join("/")}`;
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

/** A path, a character per byte, as it stands in a URL. */
export const escapePath = (path: string): string =>
  path.replace(/[^\w\-.~$&+,/:;=@]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
