const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\/[^/?]*/i;
/** A port that is no number, an address in brackets aside. */
const BAD_PORT = /\/\/(?:[^[]*?|\[[^\]]*\]):(?!\d*$)/;
const BAD_ESCAPE = /^[^?]*%(?![\da-f]{2})/i;

/**
 * The path and query that a request's line asks for, be it written with or without the server's own address, or
 * undefined if Go refuses the line.
 */
export function requestTarget(url: string): string | undefined {
  if (url === "*") return url;
  const authority = ABSOLUTE.exec(url)?.[0] ?? "";
  const target = url.slice(authority.length);
  if (BAD_ESCAPE.test(url) || BAD_PORT.test(authority)) return undefined;
  if (target.startsWith("/")) return target;
  return authority === "" ? undefined : `/${target}`;
}

/** Go's words for what no handler is asked about, by the code of Node's parser. */
const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_INVALID_VERSION: "505 HTTP Version Not Supported: unsupported protocol version",
  NO_HOST: "400 Bad Request: missing required Host header",
};

/** What Go answers, to the letter, before any handler: to bytes that are no request, or one that it refuses. */
export function malformedAnswer(code = ""): string {
  const status = STATUS[code] ?? "400 Bad Request";
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`;
}
