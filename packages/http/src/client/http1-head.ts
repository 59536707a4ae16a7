/** Error for an answer that violates HTTP/1.x (RFC 9112). The message is the same as in Go's HTTP client. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
}

/** Status and header fields of an HTTP/1.x answer. Contains only fields that this client needs. */
export interface ResponseHead {
  readonly status: number;
  /** Status and phrase as received, such as `503 Service Unavailable`. */
  readonly statusText: string;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** Rule by which the end of the body is recognised. */
  readonly framing: "none" | "length" | "chunked" | "close";
  /** Length of the body, if framing is "length". */
  readonly length: number;
  /** Whether the connection may be used for another request. */
  readonly keepAlive: boolean;
}

/**
 * The header fields that this client uses. If a field is repeated, the first value counts, except for fields that
 * determine the length of the body.
 */
interface Fields {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  location: string | undefined;
  retryAfter: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  connection: string;
}

/** Matches a status line with the HTTP versions that Go accepts. */
const STATUS_LINE = /^HTTP\/(\d\.\d) +(\d{3})(?: (.*))?$/;

/**
 * Parses the status line and header fields in `text`, which ends at the empty line. Lines end with CR LF or, as in Go,
 * with LF alone.
 */
export function parseHead(text: string): ResponseHead {
  const head = text.includes("\n ") || text.includes("\n\t") ? text.replace(/\r?\n[ \t]+/g, " ") : text;
  const firstEnd = lineEnd(head, 0);
  const { version, status, statusText } = statusLine(head.slice(0, withoutReturn(head, 0, firstEnd)));
  const fields = readFields(head, firstEnd + 1);
  const { framing, length } = bodyFraming(status, fields);
  return {
    status,
    statusText,
    contentType: fields.contentType,
    contentEncoding: fields.contentEncoding,
    location: fields.location,
    retryAfter: fields.retryAfter,
    framing,
    length,
    keepAlive: framing !== "close" && isPersistent(version, fields.connection),
  };
}

interface StatusLine {
  readonly version: string;
  readonly status: number;
  readonly statusText: string;
}

const USUAL: StatusLine = { version: "1.1", status: 200, statusText: "200 OK" };

function statusLine(line: string): StatusLine {
  if (line === "HTTP/1.1 200 OK") return USUAL;
  const parts = STATUS_LINE.exec(line);
  if (parts === null) throw new Http1Error(statusLineProblem(line));
  const statusText = parts[3] === undefined ? parts[2]! : `${parts[2]} ${parts[3]}`;
  return { version: parts[1]!, status: Number(parts[2]), statusText };
}

function isPersistent(version: string, connection: string): boolean {
  const old = version.startsWith("0") || version === "1.0";
  if (connection === "") return !old;
  const options = connection.split(",").map((option) => option.trim());
  return old ? options.includes("keep-alive") : !options.includes("close");
}

/**
 * Returns the index of the line feed that ends the line at `start`, or the text's length if the text has no later line
 * feed.
 */
function lineEnd(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}

/** Returns the end of a line without its carriage return. */
const withoutReturn = (text: string, start: number, end: number): number =>
  end > start && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;

/** Returns the error for an answer that ended within its head. `text` is the received part of the head. */
export function truncatedHeadError(text: string): Http1Error {
  if (text === "") return new Http1Error("EOF");
  const end = lineEnd(text, 0);
  try {
    statusLine(text.slice(0, withoutReturn(text, 0, end)));
    readFields(text, end + 1);
  } catch (error) {
    // Returns the error only if the received part is malformed. An invalid body length is reported only for a complete
    // head.
    if ((error as Http1Error).message.startsWith("malformed")) return error as Http1Error;
  }
  return new Http1Error("unexpected EOF");
}

/** Formats bytes like Go's %q. */
function quoteBytes(latin1: string): string {
  const escaped = latin1.replace(/[^ !#-[\]-~]/g, (char) => {
    if (char === '"' || char === "\\") return `\\${char}`;
    const named = { "\t": "\\t", "\n": "\\n", "\r": "\\r" }[char];
    return named ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

function statusLineProblem(line: string): string {
  const space = line.indexOf(" ");
  if (space < 0) return `malformed HTTP response ${quoteBytes(line)}`;
  const [status = ""] = line
    .slice(space + 1)
    .replace(/^ +/, "")
    .split(" ");
  if (!/^\d{3}$/.test(status)) return `malformed HTTP status code ${quoteBytes(status)}`;
  return `malformed HTTP version ${quoteBytes(line.slice(0, space))}`;
}

function readFields(head: string, from: number): Fields {
  const fields: Fields = {
    contentType: undefined,
    contentEncoding: undefined,
    location: undefined,
    retryAfter: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    connection: "",
  };
  for (let start = from; start < head.length;) {
    const feed = lineEnd(head, start);
    const end = withoutReturn(head, start, feed);
    takeLine(fields, head, start, end);
    start = feed + 1;
  }
  return fields;
}

/**
 * Reads a header line as Go does. Ignores a field whose name is empty or contains blanks. Throws Http1Error for a line
 * without a colon or with an invalid character.
 */
function takeLine(fields: Fields, head: string, start: number, end: number): void {
  const colon = head.indexOf(":", start);
  if (colon < 0 || colon >= end) {
    throw new Http1Error(`malformed MIME header: missing colon: ${quoteBytes(head.slice(start, end))}`);
  }
  for (let at = start; at < end; at++) {
    const char = head.charCodeAt(at);
    const fits = at < colon ? TOKEN[char] === 1 || char === SPACE : (char >= SPACE && char !== DELETE) || char === TAB;
    if (!fits) throw new Http1Error(`malformed MIME header line: ${quoteBytes(head.slice(start, end))}`);
  }
  takeField(fields, head, start, colon, end);
}

/**
 * Reads a header field if this client uses it. Compares the length of the name first, so that few strings are created.
 */
function takeField(fields: Fields, head: string, start: number, colon: number, end: number): void {
  const is = (name: string): boolean => head.slice(start, colon).toLowerCase() === name;
  const value = (): string => head.slice(colon + 1, end).trim();
  switch (colon - start) {
    case 12:
      if (is("content-type")) fields.contentType ??= value();
      return;
    case 16:
      if (is("content-encoding")) fields.contentEncoding ??= value();
      return;
    case 14:
      if (is("content-length")) takeLength(fields, value());
      return;
    case 11:
      if (is("retry-after")) fields.retryAfter ??= value();
      return;
    case 17:
      if (is("transfer-encoding")) takeTransfer(fields, value());
      return;
    case 10:
      if (is("connection")) fields.connection += `,${value().toLowerCase()}`;
      return;
    case 8:
      if (is("location")) fields.location ??= value();
  }
}

/**
 * Reads a Content-Length field. Accepts repeated equal lengths, and refuses different lengths because they allow
 * response smuggling.
 */
function takeLength(fields: Fields, value: string): void {
  if (!/^\d{1,15}$/.test(value)) throw new Http1Error(`bad Content-Length ${quoteBytes(value)}`);
  if (fields.contentLength !== undefined && Number(fields.contentLength) !== Number(value)) {
    throw new Http1Error(
      `http: message cannot contain multiple Content-Length headers; got [${quoteBytes(fields.contentLength)} ${quoteBytes(value)}]`,
    );
  }
  fields.contentLength = value;
}

function takeTransfer(fields: Fields, value: string): void {
  if (fields.transferEncoding !== undefined) {
    const both = `${quoteBytes(fields.transferEncoding)} ${quoteBytes(value)}`;
    throw new Http1Error(`too many transfer encodings: [${both}]`);
  }
  if (value.toLowerCase() !== "chunked") {
    throw new Http1Error(`unsupported transfer encoding: ${quoteBytes(value)}`);
  }
  fields.transferEncoding = value;
}

function bodyFraming(
  status: number,
  { transferEncoding, contentLength }: Fields,
): { framing: ResponseHead["framing"]; length: number } {
  if (status < 200 || status === 204 || status === 304) return { framing: "none", length: 0 };
  if (transferEncoding !== undefined) return { framing: "chunked", length: 0 };
  if (contentLength === undefined) return { framing: "close", length: 0 };
  const length = Number(contentLength);
  return { framing: length === 0 ? "none" : "length", length };
}

const TAB = 0x09;
const SPACE = 0x20;
const DELETE = 0x7f;

/** Table with 1 for each character that a field name may contain. */
const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[char.charCodeAt(0)] = 1;
}
