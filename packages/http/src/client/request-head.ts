/** Destination of a request, taken from the URL without decoding, resolving or conversion to lower case. */
export interface RequestOrigin {
  readonly secure: boolean;
  /** Host name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Host and port as written in the URL, for the Host header. */
  readonly authority: string;
}

const AUTHORITY = /^(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?$/;

/**
 * Returns the index at which the path or query of an http(s) URL begins; the length of the URL if it has neither.
 * Returns -1 for other URLs.
 */
export function authorityEnd(url: string): number {
  const from = url.startsWith("http://") ? 7 : url.startsWith("https://") ? 8 : -1;
  if (from < 0) return -1;
  for (let at = from; at < url.length; at++) {
    const char = url.charCodeAt(at);
    if (char === 0x2f || char === 0x3f) return at;
    if (char === 0x23) return -1;
  }
  return url.length;
}

/**
 * Returns the path and query of a URL, which begin at `end`. Undefined if they contain a character that a request line
 * cannot contain.
 */
export function pathOf(url: string, end: number): string | undefined {
  for (let at = end; at < url.length; at++) {
    const char = url.charCodeAt(at);
    if (char <= 0x20 || char >= 0x7f || char === 0x23) return undefined;
  }
  const path = url.slice(end);
  return path.startsWith("/") ? path : `/${path}`;
}

/**
 * Parses the part of a URL before its path. Returns undefined for unusual URLs: with user info, a zone or a non-ASCII
 * name.
 */
export function requestOrigin(origin: string): RequestOrigin | undefined {
  const secure = origin.startsWith("https://");
  const authority = origin.slice(secure ? 8 : 7);
  const parts = AUTHORITY.exec(authority);
  if (parts === null) return undefined;
  const port = parts[3] === undefined ? (secure ? 443 : 80) : Number(parts[3]);
  return port > 65_535 ? undefined : { secure, host: parts[1] ?? parts[2]!, port, authority };
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Error that the name or value of a header field cannot be sent. The message is the same as in Go. */
class HeaderError extends Error {
  override readonly name = "HeaderError";
}

/** Header fields of a request. A field with several values is sent as several lines. */
export type RequestFields = Readonly<Record<string, string | readonly string[]>>;

/** Returns header fields as lines, each with CR LF. Throws HeaderError if a field is invalid. */
export function fieldLines(fields: RequestFields): string {
  let lines = "";
  for (const [name, value] of Object.entries(fields).flatMap(each)) {
    if (!NAME.test(name)) throw new HeaderError(`net/http: invalid header field name ${JSON.stringify(name)}`);
    if (!isFieldValue(value)) {
      throw new HeaderError(`net/http: invalid header field value for ${JSON.stringify(name)}`);
    }
    lines += `${name}: ${bytesAsLatin1(value)}\r\n`;
  }
  return lines;
}

const each = ([name, value]: [string, string | readonly string[]]): (readonly [string, string])[] =>
  typeof value === "string" ? [[name, value]] : value.map((one) => [name, one] as const);

/** Returns whether a header value is free of control characters other than tabs. */
function isFieldValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const char = value.charCodeAt(i);
    if ((char < 0x20 && char !== 0x09) || char === 0x7f) return false;
  }
  return true;
}

/**
 * Returns a text whose Latin-1 encoding equals the UTF-8 encoding of `value`. This is needed because request heads are
 * written as Latin-1.
 */
const bytesAsLatin1 = (value: string): string =>
  // oxlint-disable-next-line no-control-regex
  /[^\x00-\x7f]/.test(value) ? Buffer.from(value).toString("latin1") : value;
