import { percentBytes } from "@narthex/bytes";
import { maskPassword as maskPasswordBy } from "@narthex/runtime";

/** A URL without its credentials, and the Authorization header for these credentials. */
export interface SplitUrl {
  readonly url: string;
  /** Value of the Authorization header for these credentials; "" if the URL has none. */
  readonly authorization: string;
}

/**
 * Matches the scheme and slashes of a URL, then user and password up to the last @ before the path. A backslash ends
 * the authority, as in the WHATWG URL standard.
 */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#\\]*)@/i;

/** Separates user and password from a URL. The client sends them as Basic authentication, as in Go. */
export function splitUserInfo(url: string): SplitUrl {
  const parts = url.includes("@") ? USER_INFO.exec(url) : null;
  if (parts === null) return { url, authorization: "" };
  const [whole, scheme, info] = parts as unknown as [string, string, string];
  const pair = percentBytes(Buffer.from(info.includes(":") ? info : `${info}:`).toString("latin1"));
  return { url: scheme + url.slice(whole.length), authorization: `Basic ${pair.toString("base64")}` };
}

/** Returns the value of Authorization for a user and a password. */
export const basicAuthorization = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Returns the URL as in Go's errors, with `***` instead of a password. */
export const maskPassword = (url: string): string => maskPasswordBy(url, "***");
