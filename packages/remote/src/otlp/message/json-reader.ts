import { quote } from "@narthex/model";
import { BYTES_PER_PAUSE } from "../../pauses.ts";
import { MAX_DEPTH } from "./check-message.ts";
import { MAX_PART_BYTES, MAX_PART_VALUES, partTooLarge } from "../../message-limits.ts";

/** Error for an OTLP request body that is not the expected JSON. The client receives the error message unchanged. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** Kind of a JSON value, as determined by its first byte. */
export type JsonKind = "string" | "number" | "other";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const N = 0x6e;

/** Returns a byte as text for error messages. A byte that is not ASCII becomes U+FFFD. */
const byteText = (byte: number): string => (byte < 0x80 ? String.fromCharCode(byte) : "\ufffd");
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= 0x39;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d;
/** Maximum number of digits of a 64-bit integer. */
export const MAX_DIGITS = 20;
const NUMBER_BYTES: ReadonlySet<number> = new Set(Buffer.from("+-.eE0123456789"));
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [N, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/**
 * Reads JSON from bytes in one pass. The caller requests the value that it expects next. If the JSON differs, throws a
 * JsonError with the message of the OpenTelemetry Collector's reader. A null value counts as empty, and text after the
 * JSON value is ignored.
 */
export class JsonReader {
  readonly bytes: Uint8Array;
  at = 0;
  #depth = 0;
  /** Latest position at which the JSON that is read without a pause may end. */
  #partEnd = Infinity;
  /** Number of lists and objects in the JSON that is read without a pause. */
  #partValues = 0;
  #pausedAt = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /**
   * Begins a part of the JSON that is read without a pause. If the part exceeds MAX_PART_BYTES or MAX_PART_VALUES,
   * reading it throws a MessageError.
   */
  beginPart(): void {
    this.#partEnd = this.at + MAX_PART_BYTES;
    this.#partValues = 0;
  }

  /** Reports whether enough bytes were read since the last pause, so that other work should run now. */
  isPauseDue(): boolean {
    if (this.at - this.#pausedAt < BYTES_PER_PAUSE) return false;
    this.#pausedAt = this.at;
    return true;
  }

  #checkPart(): void {
    if (this.at > this.#partEnd) throw partTooLarge();
  }

  /** Throws a JsonError that contains the JSON around the current position. */
  fail(operation: string, problem: string): never {
    const excerpt = (around: number): string =>
      Buffer.from(this.bytes.subarray(Math.max(this.at - around, 0), this.at + around)).toString();
    const place = this.at - Math.max(this.at - 10, 0);
    throw new JsonError(
      `${operation}: ${problem}, error found in #${place} byte of ...|${excerpt(10)}|..., ` +
        `bigger context ...|${excerpt(50)}|...`,
    );
  }

  /** Skips spaces and reads the next byte. Returns 0 at the end. */
  #token(): number {
    const { bytes } = this;
    while (this.at < bytes.length) {
      const byte = bytes[this.at++]!;
      if (!isSpace(byte)) return byte;
      this.#checkPart();
    }
    return 0;
  }

  /** Moves back by one byte, unless the byte was the end of the input. */
  #back(token: number): void {
    if (token !== 0) this.at--;
  }

  /** Reads the next byte. Returns 0 at the end. */
  #byte(): number {
    return this.at < this.bytes.length ? this.bytes[this.at++]! : 0;
  }

  kind(): JsonKind {
    const token = this.#token();
    this.#back(token);
    if (token === QUOTE) return "string";
    return isDigit(token) || token === MINUS ? "number" : "other";
  }

  /** Reads an object, or null. For each field, calls `read` with its name; `read` must read the value. */
  object(read: (field: string) => void): void {
    for (let field = this.firstField(); field !== undefined; field = this.nextField()) read(field);
  }

  /**
   * Begins an object, or reads null. Returns the name of the first field, whose value the caller reads next. Undefined
   * if there are no fields.
   */
  firstField(): string | undefined {
    const token = this.#token();
    if (token === N) {
      this.#rest("ull");
      return undefined;
    }
    if (token !== 0x7b) this.fail("ReadObjectCB", `expect { or n, but found ${byteText(token)}`);
    this.#enter();
    const next = this.#token();
    if (next === 0x7d) {
      this.#depth--;
      return undefined;
    }
    if (next !== QUOTE) this.fail("ReadObjectCB", `expect " after {, but found ${byteText(next)}`);
    this.at--;
    return this.#field();
  }

  /**
   * Returns the name of the next field. The value of the previous field must have been read. At the end of the object,
   * consumes the end and returns undefined.
   */
  nextField(): string | undefined {
    this.#checkPart();
    const next = this.#token();
    if (next === COMMA) return this.#field();
    if (next !== 0x7d) this.fail("ReadObjectCB", "object not ended with }");
    this.#depth--;
    return undefined;
  }

  /** Reads a JSON list, or null. Calls `read` for each item, which must read the item. */
  array(read: () => void): void {
    for (let more = this.firstItem(); more; more = this.nextItem()) read();
  }

  /** Begins a list, or reads null. Returns whether the list has an item. */
  firstItem(): boolean {
    const token = this.#token();
    if (token === N) {
      this.#rest("ull");
      return false;
    }
    if (token !== 0x5b) this.fail("ReadArrayCB", `expect [ or n, but found ${byteText(token)}`);
    this.#enter();
    const next = this.#token();
    if (next === 0x5d) {
      this.#depth--;
      return false;
    }
    this.#back(next);
    return true;
  }

  /** Reports whether the JSON list has another item. Consumes the end of the list. */
  nextItem(): boolean {
    this.#checkPart();
    const next = this.#token();
    if (next === COMMA) return true;
    if (next !== 0x5d) this.fail("ReadArrayCB", `expect ] in the end, but found ${byteText(next)}`);
    this.#depth--;
    return false;
  }

  #enter(): void {
    if (++this.#partValues > MAX_PART_VALUES) throw partTooLarge();
    if (++this.#depth > MAX_DEPTH) this.fail("incrementDepth", "exceeded max depth");
  }

  #rest(letters: string): void {
    for (const letter of letters) {
      if (this.#byte() === letter.charCodeAt(0)) continue;
      this.fail(letters.length === 3 ? "skipThreeBytes" : "skipFourBytes", `expect ${letters}`);
    }
  }

  boolean(): boolean {
    const token = this.#token();
    if (token === 0x74) this.#rest("rue");
    else if (token === 0x66) this.#rest("alse");
    else this.fail("ReadBool", `expect t or f, but found ${byteText(token)}`);
    return token === 0x74;
  }

  /** Reads a field's name and the colon after it. */
  #field(): string {
    const text = this.string();
    const next = this.#token();
    if (next !== COLON) this.fail("ReadObject", `expect : after object field, but found ${byteText(next)}`);
    return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString("latin1");
  }

  /**
   * Reads a string or null. Returns a view of the input's bytes, a copy if the string has escapes, or no bytes for
   * null.
   */
  string(): Uint8Array {
    const token = this.#token();
    if (token === N) {
      this.#rest("ull");
      return new Uint8Array();
    }
    if (token !== QUOTE) this.fail("ReadString", `expects " or n, but found ${byteText(token)}`);
    const { bytes } = this;
    const start = this.at;
    const end = Math.min(bytes.length, this.#partEnd);
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.at = at + 1;
        return bytes.subarray(start, at);
      }
      if (byte === BACKSLASH) break;
      if (byte < 0x20) this.fail("ReadString", `invalid control character found: ${byte}`);
    }
    return this.#escapedString();
  }

  #escapedString(): Uint8Array {
    const out: number[] = [];
    while (this.at < this.bytes.length) {
      const byte = this.#byte();
      if (byte === QUOTE) return Uint8Array.from(out);
      this.#checkPart();
      if (byte === BACKSLASH) this.#escape(this.#byte(), out);
      else out.push(byte);
    }
    this.fail("readStringSlowPath", "unexpected end of input");
  }

  #escape(letter: number, out: number[]): void {
    if (letter === 0x75) return this.#unicode(out);
    const byte = ESCAPES.get(letter);
    if (byte === undefined) this.fail("readEscapedChar", "invalid escape char after \\");
    out.push(byte);
  }

  /** Reads the code unit after `\u`. After the first half of a surrogate pair, also reads the second half. */
  #unicode(out: number[]): void {
    const unit = this.#fourDigits();
    if (unit < 0xd800 || unit > 0xdfff) return pushCharacter(unit, out);
    const next = this.#byte();
    if (next !== BACKSLASH) {
      this.#back(next);
      return pushCharacter(unit, out);
    }
    const letter = this.#byte();
    if (letter !== 0x75) {
      pushCharacter(unit, out);
      return this.#escape(letter, out);
    }
    const second = this.#fourDigits();
    const isPair = unit < 0xdc00 && second >= 0xdc00 && second <= 0xdfff;
    if (isPair) return pushCharacter(0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00), out);
    pushCharacter(unit, out);
    pushCharacter(second, out);
  }

  #fourDigits(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const byte = this.#byte();
      const digit = byte === 0 ? NaN : parseInt(byteText(byte), 16);
      if (Number.isNaN(digit)) this.fail("readU4", `expects 0~9 or a~f, but found ${byteText(byte)}`);
      value = value * 16 + digit;
    }
    return value;
  }

  double(): number {
    const token = this.#token();
    if (token !== MINUS) this.#back(token);
    const { bytes, at } = this;
    const first = bytes[at] ?? -1;
    if (first === COMMA || first === 0x5d || first === 0x7d || isSpace(first)) this.fail("readFloat64", "empty number");
    if (first === DOT) this.fail("readFloat64", "leading dot is invalid");
    if (first === ZERO && isDigit(bytes[at + 1] ?? 0)) this.fail("readFloat64", "leading zero is invalid");
    const value = this.#unsignedDouble();
    return token === MINUS ? -value : value;
  }

  #unsignedDouble(): number {
    const { bytes } = this;
    const start = this.at;
    const end = Math.min(bytes.length, this.#partEnd);
    while (this.at < end && NUMBER_BYTES.has(bytes[this.at]!)) this.at++;
    const text = Buffer.from(bytes.subarray(start, this.at)).toString("latin1");
    if (text === "") this.fail("readNumberAsString", "invalid number");
    if (text.startsWith("-")) this.fail("readFloat64SlowPath", "-- is not valid");
    const dot = text.indexOf(".");
    if (dot >= 0 && dot === text.length - 1) this.fail("readFloat64SlowPath", "dot can not be last character");
    if (dot >= 0 && !isDigit(text.charCodeAt(dot + 1))) this.fail("readFloat64SlowPath", "missing digit after dot");
    if (!/^\+?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) {
      throw new JsonError(`strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`);
    }
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new JsonError(`strconv.ParseFloat: parsing ${quote(text)}: value out of range`);
  }

  integer(bits: 32 | 64, isSigned: boolean): bigint {
    const token = this.#token();
    const name = `${isSigned ? "Int" : "Uint"}${bits}`;
    const isNegative = isSigned && token === MINUS;
    const value = this.#digits(isNegative ? this.#byte() : token, bits);
    const limit = isSigned ? (1n << BigInt(bits - 1)) - (isNegative ? 0n : 1n) : (1n << BigInt(bits)) - 1n;
    if (value > limit) this.fail(`Read${name}`, `overflow: ${value}`);
    return isNegative ? -value : value;
  }

  #digits(first: number, bits: number): bigint {
    if (!isDigit(first)) this.fail(`readUint${bits}`, "unexpected character: \ufffd");
    const start = this.at - 1;
    const end = Math.min(this.bytes.length, this.#partEnd);
    if (first !== ZERO) while (this.at < end && isDigit(this.bytes[this.at]!)) this.at++;
    if (this.bytes[this.at] === DOT) this.fail("assertInteger", "can not decode float as int");
    // Refuses a number with too many digits, because converting millions of digits would take seconds.
    if (this.at - start > MAX_DIGITS) this.fail(`readUint${bits}`, "overflow");
    const value = BigInt(Buffer.from(this.bytes.subarray(start, this.at)).toString("latin1"));
    if (value >= 1n << BigInt(bits)) this.fail(`readUint${bits}`, "overflow");
    return value;
  }

  skip(): void {
    const token = this.#token();
    this.#back(token);
    if (token === QUOTE) this.string();
    else if (token === 0x5b) this.array(() => this.skip());
    else if (token === 0x7b) this.object(() => this.skip());
    else if (token === MINUS || isDigit(token)) this.double();
    else this.#skipWord(token);
  }

  #skipWord(token: number): void {
    if (token !== 0) this.at++;
    if (token === N) this.#rest("ull");
    else if (token === 0x74) this.#rest("rue");
    else if (token === 0x66) this.#rest("alse");
    else this.fail("Skip", `do not know how to skip: ${token}`);
  }
}

/** Appends the UTF-8 bytes of a character to `out`. A lone surrogate becomes U+FFFD. */
function pushCharacter(code: number, out: number[]): void {
  for (const item of Buffer.from(code >= 0xd800 && code <= 0xdfff ? "\ufffd" : String.fromCodePoint(code)))
    out.push(item);
}
