import { decodeUtf8, encodeUtf8, withoutBlanks } from "./header-bytes.ts";
import { type MediaType, parseMediaType } from "./media-type.ts";
import { decodeQuotedPrintable } from "./quoted-printable.ts";

/** Limits of Go's multipart parser: maximum number of parts, and of headers in all parts. */
const MAX_PARTS = 1000;
const MAX_HEADERS = 10_000;
/** Largest size in bytes of the headers of all parts. Parsing more would block the event loop. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Longest line in bytes before the first part. */
const MAX_LINE = 4096;

/** Go refuses a header name with other characters, and a header value with control characters other than tab. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~ -]+$/;
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;

/** Thrown if a multipart form is refused. */
export class MultipartError extends Error {
  override readonly name = "MultipartError";
}

const malformed = (): MultipartError => new MultipartError("malformed multipart form");
const tooLarge = (): MultipartError => new MultipartError("multipart: message too large");

/**
 * Returns the fields that are not files, as Go's mime/multipart reads them. A part without a readable name is skipped.
 * Throws MultipartError.
 */
export function readMultipartForm(body: Buffer, contentType: string): (readonly [name: string, value: string])[] {
  const boundary = parseMediaType(contentType)?.parameters.get("boundary");
  if (boundary === undefined || boundary === "") throw malformed();
  const reader = new PartReader(body.toString("latin1"), encodeUtf8(boundary));
  const fields: (readonly [string, string])[] = [];
  let parts = 0;
  for (let part = reader.next(); part !== undefined; part = reader.next()) {
    if (++parts > MAX_PARTS) throw tooLarge();
    const disposition = part.disposition === undefined ? undefined : parseMediaType(part.disposition);
    const name = disposition?.type === "form-data" ? (disposition.parameters.get("name") ?? "") : "";
    const bytes = reader.body();
    if (name === "") continue;
    const decoded = part.isQuotedPrintable ? decodeQuotedPrintable(bytes) : bytes;
    if (decoded === undefined) throw malformed();
    if (!isFile(disposition!)) fields.push([name, decodeUtf8(decoded)]);
  }
  return fields;
}

const isFile = ({ parameters }: MediaType): boolean => (parameters.get("filename") ?? "") !== "";

interface PartHeader {
  readonly disposition: string | undefined;
  readonly isQuotedPrintable: boolean;
}

/** Reads the parts of a multipart form in order. Each char of the text is one byte. */
class PartReader {
  readonly #text: string;
  readonly #boundary: string;
  /** Line end of boundaries: "\n" if the first boundary ends with "\n", otherwise "\r\n". */
  #newline = "\r\n";
  #at = 0;
  #isFirst = true;
  #headerBytes = 0;

  constructor(text: string, boundary: string) {
    this.#text = text;
    this.#boundary = `--${boundary}`;
  }

  /** Moves to the next part and returns its header. Returns undefined at the end of the form. */
  next(): PartHeader | undefined {
    if (!this.#isFirst && this.#text.startsWith(this.#newline, this.#at)) this.#at += this.#newline.length;
    for (;;) {
      const start = this.#at;
      const newline = this.#text.indexOf("\n", start);
      const end = newline === -1 ? this.#text.length : newline + 1;
      if (this.#text.startsWith(this.#boundary, start)) {
        const line = this.#text.slice(start + this.#boundary.length, end);
        if (line.startsWith("--") && ["", this.#newline].includes(withoutBlanks(line.slice(2)))) return undefined;
        const rest = withoutBlanks(line);
        if (this.#isFirst && rest === "\n") this.#newline = rest;
        if (rest === this.#newline) {
          this.#isFirst = false;
          this.#at = end;
          return this.#header();
        }
      }
      if (!this.#isFirst || newline === -1 || end - start > MAX_LINE) throw malformed();
      // Counts text before the first boundary as headers, because without a limit millions of lines would take a
      // second.
      this.#headerBytes += end - start;
      if (this.#headerBytes > MAX_HEADER_BYTES) throw tooLarge();
      this.#at = end;
    }
  }

  /** Returns the bytes until the next boundary. */
  body(): string {
    const start = this.#at;
    if (this.#isBoundary(start)) return "";
    const delimiter = this.#newline + this.#boundary;
    for (let end = start; (end = this.#text.indexOf(delimiter, end)) !== -1; end += delimiter.length) {
      if (!this.#isBoundary(end + this.#newline.length)) continue;
      this.#at = end;
      return this.#text.slice(start, end);
    }
    throw malformed();
  }

  #isBoundary(at: number): boolean {
    const end = at + this.#boundary.length;
    if (!this.#text.startsWith(this.#boundary, at)) return false;
    return end === this.#text.length || " \t\r\n".includes(this.#text[end]!) || this.#text.startsWith("--", end);
  }

  /** Reads the header of a part. Returns undefined if the text ends before the end of the header. */
  #header(): PartHeader | undefined {
    if (this.#isAtBlank()) throw malformed();
    let disposition: string | undefined;
    let encoding: string | undefined;
    for (let headers = 0; ; headers++) {
      const start = this.#at;
      const line = this.#continuedLine();
      this.#headerBytes += this.#at - start;
      if (headers > MAX_HEADERS || this.#headerBytes > MAX_HEADER_BYTES) throw tooLarge();
      if (line === undefined) return undefined;
      if (line === "") return { disposition, isQuotedPrintable: encoding?.toLowerCase() === "quoted-printable" };
      const colon = line.indexOf(":");
      if (!HEADER_NAME.test(line.slice(0, colon)) || CONTROL.test(line)) throw malformed();
      const name = line.slice(0, colon).toLowerCase();
      const value = withoutBlanks(line.slice(colon + 1));
      if (name === "content-disposition") disposition ??= value;
      else if (name === "content-transfer-encoding") encoding ??= value;
    }
  }

  /** Returns a header line including its continuation lines, or undefined at the end of the text. */
  #continuedLine(): string | undefined {
    const first = this.#line();
    if (first === undefined || first === "") return first;
    if (!first.includes(":")) throw malformed();
    const lines = [trimmed(first)];
    while (this.#isAtBlank()) lines.push(trimmed(this.#line()!));
    return lines.join(" ");
  }

  #line(): string | undefined {
    const start = this.#at;
    if (start === this.#text.length) return undefined;
    const newline = this.#text.indexOf("\n", start);
    this.#at = newline === -1 ? this.#text.length : newline + 1;
    if (newline === -1) return this.#text.slice(start);
    return this.#text.slice(start, this.#text[newline - 1] === "\r" && newline > start ? newline - 1 : newline);
  }

  #isAtBlank(): boolean {
    return this.#text[this.#at] === " " || this.#text[this.#at] === "\t";
  }
}

function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\t")) end--;
  return withoutBlanks(text.slice(0, end));
}
