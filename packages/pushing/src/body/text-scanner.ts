import { utf8Text } from "@narthex/bytes";
import { quote } from "@narthex/model";

/** An error in a text body, with the message of Go's parser. The line number is the scanner's current line. */
export class LineProblem extends Error {
  override readonly name = "LineProblem";
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Value of `byte` when the body has ended. */
const NOTHING = -1;

/** Reports whether a byte can begin a name: a letter, underscore, or quote. */
function isNameStart(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte === QUOTE;
}

export class TextScanner {
  line = 0;
  /** The current byte, or NOTHING (-1) after the end of the body. */
  byte = NOTHING;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Number of bytes that have been read. */
  get position(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.byte === NOTHING;
  }

  get isAtNewline(): boolean {
    return this.byte === NEWLINE;
  }

  /** The current byte as a quoted character in the form of Go's %q. */
  get shown(): string {
    return quoteRune(this.byte);
  }

  /** Reads the next byte. Throws LineProblem at the end of the body. */
  next(): void {
    if (this.step() === NOTHING) throw new LineProblem("unexpected end of input stream");
  }

  /** Reads and returns the next byte, or -1 at the end of the body. */
  step(): number {
    return (this.byte = this.#bytes[this.#at++] ?? NOTHING);
  }

  is(char: string): boolean {
    return this.byte === char.charCodeAt(0);
  }

  get isBlank(): boolean {
    return this.byte === 0x20 || this.byte === 0x09;
  }

  /** Moves to the next byte that is not a space or tab. */
  skipBlanks(): void {
    do this.next();
    while (this.isBlank);
  }

  skipBlanksIfBlank(): void {
    if (this.isBlank) this.skipBlanks();
  }

  /** Moves to the end of the line. */
  skipLine(): void {
    while (this.byte !== NEWLINE) this.next();
  }

  /** Returns the text from the current byte to the next space, tab or newline. */
  token(): string {
    const from = this.#at - 1;
    while (!this.isBlank && this.byte !== NEWLINE) this.next();
    return utf8Text(this.#bytes.subarray(from, this.#at - 1));
  }

  /** Returns the text from the current byte to the end of the line. */
  rest(): string {
    const from = this.#at - 1;
    this.skipLine();
    // Backslashes are removed, as Go's parser does.
    return utf8Text(this.#bytes.subarray(from, this.#at - 1)).replaceAll("\\", "");
  }

  /** Returns a help text, from the current byte to the end of the line, with escapes resolved. */
  help(): string {
    const from = this.#at - 1;
    const end = this.#bytes.indexOf(NEWLINE, from);
    const plain = this.#bytes.subarray(from, end);
    if (end !== -1 && !plain.includes(BACKSLASH)) {
      this.#at = end;
      this.next();
      return utf8Text(plain);
    }
    const out: number[] = [];
    let isEscaped = false;
    for (; isEscaped || this.byte !== NEWLINE; this.next()) {
      if (isEscaped) out.push(this.#escaped());
      else if (this.byte !== BACKSLASH) out.push(this.byte);
      isEscaped = !isEscaped && this.byte === BACKSLASH;
    }
    return utf8Text(Uint8Array.from(out));
  }

  /** Returns the quoted or unquoted metric name that begins at the current byte, or "" if there is no name. */
  metricName(): string {
    return this.#name("metric name", (byte) => byte === COLON);
  }

  labelName(): string {
    return this.#name("label name", () => false);
  }

  #name(what: string, isMore: (byte: number) => boolean): string {
    if (!isNameStart(this.byte) && !isMore(this.byte)) return "";
    const out: number[] = [];
    let isQuoted = false;
    let isEscaped = false;
    do {
      if (isEscaped) {
        out.push(this.#escaped());
        isEscaped = false;
      } else if (this.byte === QUOTE) {
        isQuoted = !isQuoted;
        if (!isQuoted) {
          this.next();
          break;
        }
      } else if (this.byte === NEWLINE) {
        throw new LineProblem(`${what} ${quote(utf8Text(Uint8Array.from(out)))} contains unescaped new-line`);
      } else if (this.byte === BACKSLASH) isEscaped = true;
      else out.push(this.byte);
      this.next();
    } while (isQuoted || isNameStart(this.byte) || isMore(this.byte) || (this.byte >= 0x30 && this.byte <= 0x39));
    return utf8Text(Uint8Array.from(out));
  }

  /** Returns the text between the current opening quote and the closing quote, with escapes resolved. */
  labelValue(): string {
    const from = this.#at;
    const end = this.#bytes.indexOf(QUOTE, from);
    const plain = this.#bytes.subarray(from, end);
    if (end !== -1 && !plain.includes(BACKSLASH) && !plain.includes(NEWLINE)) {
      this.#at = end;
      this.next();
      return utf8Text(plain);
    }
    const out: number[] = [];
    for (this.next(); this.byte !== QUOTE; this.next()) {
      if (this.byte === NEWLINE)
        throw new LineProblem(`label value ${quote(utf8Text(Uint8Array.from(out)))} contains unescaped new-line`);
      if (this.byte === BACKSLASH) {
        this.next();
        out.push(this.#escaped());
      } else out.push(this.byte);
    }
    return utf8Text(Uint8Array.from(out));
  }

  /** Returns the byte that an escape sequence represents. The current byte must be the byte after the backslash. */
  #escaped(): number {
    if (this.byte === BACKSLASH || this.byte === QUOTE) return this.byte;
    if (this.is("n")) return NEWLINE;
    throw new LineProblem(`invalid escape sequence '\\${String.fromCharCode(this.byte)}'`);
  }
}

/** Formats a byte as a quoted character like Go's %q. */
function quoteRune(byte: number): string {
  const char = String.fromCharCode(byte);
  if (char === "'") return String.raw`'\''`;
  return char === '"' ? `'"'` : `'${quote(char).slice(1, -1)}'`;
}

const TWO_63 = 2 ** 63;

/**
 * Converts a float to an unsigned 64-bit integer with the results of Go on amd64 processors, also for values that do
 * not fit.
 */
export function goUint64(value: number): bigint {
  if (Number.isNaN(value)) return 1n << 63n;
  if (value >= TWO_63) return value >= 2 * TWO_63 ? 1n << 63n : BigInt(Math.trunc(value));
  if (value < -TWO_63) return 1n << 63n;
  return BigInt.asUintN(64, BigInt(Math.trunc(value)));
}
