/** Where a plain request goes, taken out of its URL as it stands: nothing is decoded, resolved or made lower case. */
export interface RequestPlace {
  readonly secure: boolean;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Host and port as the URL has them; the Host field. */
  readonly authority: string;
}

const AUTHORITY = /^(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?$/;

/** Index where the path or the query begins; the length where there is neither; -1 where it is no http URL. */
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

/** The path with the query behind `end`; undefined where it holds what may not stand in a request line. */
export function pathOf(url: string, end: number): string | undefined {
  for (let at = end; at < url.length; at++) {
    const char = url.charCodeAt(at);
    if (char <= 0x20 || char >= 0x7f || char === 0x23) return undefined;
  }
  const path = url.slice(end);
  return path.startsWith("/") ? path : `/${path}`;
}

/** undefined where the part of a URL before its path is unusual: user info, a zone, a name outside ASCII. */
export function requestPlace(origin: string): RequestPlace | undefined {
  const secure = origin.startsWith("https://");
  const authority = origin.slice(secure ? 8 : 7);
  const parts = AUTHORITY.exec(authority);
  if (parts === null) return undefined;
  const port = parts[3] === undefined ? (secure ? 443 : 80) : Number(parts[3]);
  return port > 65_535 ? undefined : { secure, host: parts[1] ?? parts[2]!, port, authority };
}
