import { utf8Text } from "@narthex/bytes";
import { HeldBytes } from "./held-bytes.ts";
import { isWordByte, JsonProblem } from "./json-cursor.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
/** Largest size in bytes of an answer without its data elements. */
const MAX_ENVELOPE_BYTES = 1024 * 1024;

/** The fields of a query API answer except its data. */
export interface Envelope {
  readonly status: string;
  readonly error: string;
  /** Kind of error in Prometheus' API, such as `bad_data` or `execution`. */
  readonly errorType: string;
  readonly resultType: string;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Statistics next to the data, in the server's own form. Absent if the server sends none. */
  readonly stats?: unknown;
}

/** Splits the JSON of a query API answer into the elements of its data, such as series, while the bytes arrive. */
export class EnvelopeCutter {
  readonly #path: readonly string[];
  readonly #element: HeldBytes;
  readonly #take: (bytes: number) => void;
  /** Bytes of the answer outside its data elements. */
  #envelope = new Uint8Array(1024);
  #size = 0;
  /** Keys of the objects and lists that enclose the current position, up to the current data element. */
  readonly #keys: string[] = [];
  #lastString = "";
  #stringStart = 0;
  #isInList = false;
  /** Nesting depth within the current data element; -1 outside data elements. */
  #depth = -1;
  /**
   * Whether the current data element is a number or a word such as `null`. Such an element ends at the next delimiter.
   */
  #isWord = false;
  #isInString = false;
  #isEscaped = false;

  /** @param path keys of the list whose elements are extracted */
  constructor(path: readonly string[], take: (bytes: number) => void) {
    this.#path = path;
    this.#take = take;
    this.#element = new HeldBytes(take);
  }

  /** Yields the data elements that end within the given bytes of the response. */
  *push(piece: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (this.#isWord) {
        if (isWordByte(byte)) continue;
        this.#isWord = false;
        this.#depth = -1;
        yield this.#element.with(piece.subarray(from, at--));
      } else if (this.#depth >= 0) {
        if (!this.#endsElement(byte)) continue;
        this.#depth = -1;
        yield this.#element.with(piece.subarray(from, at + 1));
      } else if (!this.#isInList) this.#readEnvelope(byte);
      else if (byte === CLOSE_LIST) {
        this.#isInList = false;
        this.#readEnvelope(byte);
      } else if (byte > 0x20 && byte !== COMMA) {
        from = at;
        this.#beginElement(byte);
      }
    }
    if (this.#depth >= 0) this.#element.add(piece.subarray(from));
  }

  /**
   * Returns the fields of the answer other than its data. Must be called at the end of the answer. Throws JsonProblem
   * if the bytes are not an answer of the query API.
   */
  end(): Envelope {
    if (this.#size === 0) throw new JsonProblem("the answer is empty");
    const isOpen = this.#depth >= 0 || this.#isInList || this.#keys.length > 0;
    if (isOpen) throw new JsonProblem("the answer is incomplete");
    const text = utf8Text(this.#envelope.subarray(0, this.#size));
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      throw new JsonProblem("malformed JSON");
    }
    const { status, error, errorType, data, warnings, infos } = (parsed ?? {}) as Record<string, unknown>;
    const { resultType, stats } = (data ?? {}) as Record<string, unknown>;
    return {
      status: textOf(status),
      error: textOf(error),
      errorType: textOf(errorType),
      resultType: textOf(resultType),
      warnings: textsOf(warnings),
      infos: textsOf(infos),
      ...(stats !== undefined && { stats }),
    };
  }

  #beginElement(byte: number): void {
    this.#isInString = byte === QUOTE;
    this.#isWord = isWordByte(byte);
    this.#depth = byte === OPEN || byte === OPEN_LIST ? 1 : 0;
    if (this.#depth === 0 && !this.#isWord && byte !== QUOTE) throw new JsonProblem("malformed JSON");
  }

  #endsElement(byte: number): boolean {
    if (this.#isInString) {
      if (this.#passesString(byte)) return false;
      return this.#depth === 0;
    }
    if (byte === QUOTE) this.#isInString = true;
    else if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) return --this.#depth === 0;
    return false;
  }

  /** Processes a byte inside a string. Returns false if the byte ends the string. */
  #passesString(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
    return this.#isInString;
  }

  #readEnvelope(byte: number): void {
    if (this.#size === 0 && byte <= 0x20) return;
    if (this.#size === 0 && byte !== OPEN) throw new JsonProblem("the answer is not a JSON object");
    this.#keep(byte);
    if (this.#isInString) {
      if (this.#passesString(byte)) return;
      // Length of the string in bytes. A string that is longer than every key of the path cannot be one of these keys.
      const length = this.#size - 1 - this.#stringStart;
      const bytes = this.#envelope.subarray(this.#stringStart, this.#size - 1);
      this.#lastString = length > 64 ? "" : utf8Text(bytes);
    } else if (byte === QUOTE) {
      this.#isInString = true;
      this.#stringStart = this.#size;
    } else if (byte === 0x3a) this.#keys[this.#keys.length - 1] = this.#lastString;
    else if (byte === OPEN || byte === OPEN_LIST) {
      const { length } = this.#path;
      this.#isInList =
        byte === OPEN_LIST && this.#keys.length === length && this.#path.every((key, i) => this.#keys[i] === key);
      this.#keys.push("");
    } else if (byte === CLOSE || byte === CLOSE_LIST) this.#keys.pop();
  }

  #keep(byte: number): void {
    if (this.#size === this.#envelope.length) {
      if (this.#size >= MAX_ENVELOPE_BYTES) throw new JsonProblem("the answer is not an answer of the query API");
      this.#take(this.#size);
      const grown = new Uint8Array(this.#size * 2);
      grown.set(this.#envelope);
      this.#envelope = grown;
    }
    this.#envelope[this.#size++] = byte;
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(textOf) : []);
