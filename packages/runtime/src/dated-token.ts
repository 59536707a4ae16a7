import { createHmac, timingSafeEqual } from "node:crypto";

/** Returns a token that is valid until the time `until`. Only processes with the same key accept the token. */
export function datedToken(key: string, until: number): string {
  const time = String(Math.round(until));
  return `${time}.${createHmac("sha256", key).update(time).digest("base64url")}`;
}

/** Returns the time (Unix ms) until which a token is valid. Undefined if the token was not made with `key`. */
export function tokenExpiry(key: string, token: string): number | undefined {
  const until = Number(/^(\d{1,15})\.[\w-]{43}$/.exec(token)?.[1] ?? "NaN");
  if (Number.isNaN(until)) return undefined;
  const [given, wanted] = [Buffer.from(token), Buffer.from(datedToken(key, until))];
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? until : undefined;
}
