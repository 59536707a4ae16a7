/** An answer that is not HTTP/1.x as RFC 9112 has it; the message is Go's. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
}

/** What an HTTP/1.x answer says before its body. */
export interface AnswerHead {
  readonly status: number;
  /** Status and phrase as they came: `503 Service Unavailable`. */
  readonly statusText: string;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly location: string | undefined;
  /** How the body's end is known. */
  readonly framing: "none" | "length" | "chunked" | "close";
  /** Of the body; where framing is "length". */
  readonly length: number;
  /** The connection may carry another request. */
  readonly keepAlive: boolean;
}

/** Fields that are looked at; of one that comes twice the first counts, but for those that frame the body. */
interface Fields {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  location: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  connection: string;
}

const STATUS_LINE = /^HTTP\/1\.(\d) (\d{3})(?: (.*))?$/;

/** Reads status line and fields; `text` goes up to the empty line. Lines end with CR LF, or LF alone as Go allows. */
export function parseHead(text: string): AnswerHead {
  const lines = text.replace(/\r?\n[ \t]+/g, " ").split("\n");
  const first = withoutReturn(lines[0]!);
  const parts = STATUS_LINE.exec(first);
  if (parts === null) throw new Http1Error(statusLineProblem(first));
  const fields = readFields(lines);
  const status = Number(parts[2]);
  const statusText = parts[3] === undefined ? parts[2]! : `${parts[2]} ${parts[3]}`;
  const { framing, length } = bodyFraming(status, fields);
  const asked = fields.connection.split(",").map((option) => option.trim());
  const persistent = parts[1] === "0" ? asked.includes("keep-alive") : !asked.includes("close");
  return {
    status,
    statusText,
    contentType: fields.contentType,
    contentEncoding: fields.contentEncoding,
    location: fields.location,
    framing,
    length,
    keepAlive: persistent && framing !== "close",
  };
}

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);

function statusLineProblem(line: string): string {
  const [version = "", status] = line.split(" ");
  if (status === undefined) return `malformed HTTP response ${JSON.stringify(line)}`;
  if (!/^HTTP\/\d\.\d$/.test(version)) return `malformed HTTP version ${JSON.stringify(version)}`;
  if (version.startsWith("HTTP/1")) return `malformed HTTP status code ${JSON.stringify(status)}`;
  return `malformed HTTP response ${JSON.stringify(line)}`;
}

function readFields(lines: readonly string[]): Fields {
  const fields: Fields = {
    contentType: undefined,
    contentEncoding: undefined,
    location: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    connection: "",
  };
  for (let i = 1; i < lines.length; i++) {
    const line = withoutReturn(lines[i]!);
    const colon = line.indexOf(":");
    if (colon < 1 || !isToken(line, colon)) {
      throw new Http1Error(`malformed MIME header line: ${line}`);
    }
    takeField(fields, line, colon);
  }
  return fields;
}

function takeField(fields: Fields, line: string, colon: number): void {
  // Names are told apart by their length before a string is made of them.
  switch (colon) {
    case 12:
      if (line.slice(0, colon).toLowerCase() === "content-type") fields.contentType ??= valueOf(line, colon);
      return;
    case 16:
      if (line.slice(0, colon).toLowerCase() === "content-encoding") fields.contentEncoding ??= valueOf(line, colon);
      return;
    case 14:
      if (line.slice(0, colon).toLowerCase() === "content-length") takeLength(fields, valueOf(line, colon));
      return;
    case 17:
      if (line.slice(0, colon).toLowerCase() === "transfer-encoding") takeTransfer(fields, valueOf(line, colon));
      return;
    case 10:
      if (line.slice(0, colon).toLowerCase() === "connection")
        fields.connection += `,${valueOf(line, colon).toLowerCase()}`;
      return;
    case 8:
      if (line.slice(0, colon).toLowerCase() === "location") fields.location ??= valueOf(line, colon);
  }
}

const valueOf = (line: string, colon: number): string => line.slice(colon + 1).trim();

/** The same length said twice is one; two lengths are how answers are smuggled. */
function takeLength(fields: Fields, value: string): void {
  if (!/^\d{1,15}$/.test(value)) throw new Http1Error(`bad Content-Length ${JSON.stringify(value)}`);
  if (fields.contentLength !== undefined && Number(fields.contentLength) !== Number(value)) {
    throw new Http1Error(
      `http: message cannot contain multiple Content-Length headers; got ${JSON.stringify([fields.contentLength, value])}`,
    );
  }
  fields.contentLength = value;
}

function takeTransfer(fields: Fields, value: string): void {
  if (fields.transferEncoding !== undefined) throw new Http1Error("too many transfer encodings");
  if (value.toLowerCase() !== "chunked") {
    throw new Http1Error(`unsupported transfer encoding: ${JSON.stringify(value)}`);
  }
  fields.transferEncoding = value;
}

function bodyFraming(
  status: number,
  { transferEncoding, contentLength }: Fields,
): { framing: AnswerHead["framing"]; length: number } {
  if (status < 200 || status === 204 || status === 304) return { framing: "none", length: 0 };
  if (transferEncoding !== undefined) return { framing: "chunked", length: 0 };
  if (contentLength === undefined) return { framing: "close", length: 0 };
  const length = Number(contentLength);
  return { framing: length === 0 ? "none" : "length", length };
}

/** Are the first `end` characters what a field's name may consist of? */
function isToken(line: string, end: number): boolean {
  for (let i = 0; i < end; i++) if (TOKEN[line.charCodeAt(i)] !== 1) return false;
  return true;
}

const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TOKEN[char.charCodeAt(0)] = 1;
}
