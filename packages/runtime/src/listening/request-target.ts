const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\/[^/?]*/i;
/** Matches a URL whose port is not a number. The colons of an address in brackets do not match. */
const BAD_PORT = /\/\/(?:[^[]*?|\[[^\]]*\]):(?!\d*$)/;
const BAD_ESCAPE = /^[^?]*%(?![\da-f]{2})/i;

/**
 * Returns the path and query of the URL in a request line, with or without the server's own address, or undefined if Go
 * refuses the line.
 */
export function requestTarget(url: string): string | undefined {
  if (url === "*") return url;
  const authority = ABSOLUTE.exec(url)?.[0] ?? "";
  const target = url.slice(authority.length);
  if (BAD_ESCAPE.test(url) || BAD_PORT.test(authority)) return undefined;
  if (target.startsWith("/")) return target;
  return authority === "" ? undefined : `/${target}`;
}

/** Go's status lines for requests that reach no handler, by the error code of Node's parser. */
const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_INVALID_VERSION: "505 HTTP Version Not Supported: unsupported protocol version",
  NO_HOST: "400 Bad Request: missing required Host header",
};

/** Returns the exact answer of Go to bytes that are not a valid request, before any handler. */
export function malformedAnswer(code = ""): string {
  const status = STATUS[code] ?? "400 Bad Request";
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`;
}
