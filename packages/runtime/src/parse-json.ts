import type { Clock } from "./clock.ts";
import { runInTimeSlices, type Steps } from "./time-slice.ts";

/** Maximum number of characters that JSON.parse() reads at once, which takes a few milliseconds. */
const SHORT_TEXT = 128 * 1024;
/** Number of characters that one step reads. */
const STEP_LENGTH = 16 * 1024;
const MAX_DEPTH = 10_000;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c] as const;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d] as const;
/** Returned instead of a character code at the end of the text. */
const END = -1;

/** An array or object that has not ended yet. */
interface OpenValue {
  readonly value: unknown[] | Record<string, unknown>;
  /** Name of the field that is being read. */
  key: string;
}

/**
 * Parses JSON of any length like JSON.parse(), without blocking the event loop for more than a few milliseconds, except
 * by a single long string. Throws or rejects with a SyntaxError, also for values that are nested deeper than 10,000
 * levels.
 */
export function parseJsonInTurns(clock: Clock, text: string): unknown {
  return text.length <= SHORT_TEXT ? JSON.parse(text) : runInTimeSlices(clock, parsingJson(text));
}

/**
 * Returns the message of an error of JSON.parse() or parseJsonInTurns(), without the part of the text that it can quote:
 * a short text that is not JSON can be a token or a key.
 */
export function jsonProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.endsWith("is not valid JSON") ? message.slice(0, message.indexOf(", ")) : message;
}

/** Returns a task that parses JSON in steps. The caller decides when the steps run. */
export function* parsingJson(text: string): Steps<unknown> {
  const reader = new JsonReader(text);
  for (let end = STEP_LENGTH; !reader.read(end); end = reader.at + STEP_LENGTH) yield;
  return reader.result;
}

class JsonReader {
  at = 0;
  result: unknown;
  readonly #text: string;
  readonly #open: OpenValue[] = [];
  #current: OpenValue | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Parses up to this position or slightly beyond it. Returns true when the whole text was parsed. */
  read(end: number): boolean {
    while (this.at < end) {
      const value = this.#value();
      // Continues with the first value of an array or object that has just been opened, unless it is empty. An empty
      // array or object is complete.
      if (value === this.#current?.value && !this.#isEmpty()) continue;
      if (this.#closeAfter(value === this.#current?.value ? this.#pop() : value)) return true;
    }
    return false;
  }

  /** Reads a scalar, or opens an array or object. */
  #value(): unknown {
    const next = this.#next();
    if (next === QUOTE) return this.#string();
    if (next === OPEN_ARRAY || next === OPEN_OBJECT) {
      this.at++;
      if (this.#open.length >= MAX_DEPTH) throw new SyntaxError(`JSON is nested deeper than ${MAX_DEPTH} levels`);
      const opened: OpenValue = { value: next === OPEN_ARRAY ? [] : {}, key: "" };
      this.#open.push(opened);
      this.#current = opened;
      return opened.value;
    }
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.#text)?.[0];
    if (number !== undefined) {
      this.at += number.length;
      return Number(number);
    }
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.#fail();
  }

  /**
   * Reports whether the array or object that was just opened is empty. If an object is not empty, reads the name of its
   * first field.
   */
  #isEmpty(): boolean {
    const { value } = this.#current!;
    const isArray = Array.isArray(value);
    if (this.#next() === (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) {
      this.at++;
      return true;
    }
    if (!isArray) this.#key();
    return false;
  }

  /**
   * Adds a complete value to the array or object that contains it, and closes all arrays and objects that are complete
   * at the current position. Returns true at the end of the text.
   */
  #closeAfter(value: unknown): boolean {
    for (let ended = value; ; ended = this.#pop()) {
      if (this.#current === undefined) {
        this.result = ended;
        if (this.#next() !== END) this.#fail();
        return true;
      }
      const { value: around, key } = this.#current;
      if (Array.isArray(around)) around.push(ended);
      else if (key === "__proto__")
        Object.defineProperty(around, key, { value: ended, enumerable: true, writable: true, configurable: true });
      else around[key] = ended;
      const next = this.#next();
      this.at++;
      if (next === COMMA) {
        if (!Array.isArray(around)) this.#key();
        return false;
      }
      if (next !== (Array.isArray(around) ? CLOSE_ARRAY : CLOSE_OBJECT)) {
        this.at--;
        this.#fail();
      }
    }
  }

  /** Removes the innermost open array or object, which is now complete, and returns it. */
  #pop(): unknown {
    const { value } = this.#open.pop()!;
    this.#current = this.#open.at(-1);
    return value;
  }

  #key(): void {
    if (this.#next() !== QUOTE) this.#fail();
    this.#current!.key = this.#string();
    if (this.#next() !== COLON) this.#fail();
    this.at++;
  }

  /** Reads a string as a copy, so that it does not keep the whole text in memory. */
  #string(): string {
    const text = this.#text;
    let end = this.at;
    for (let isEscaped = true; isEscaped;) {
      end = text.indexOf('"', end + 1);
      if (end === -1) this.#fail();
      let backslashes = 0;
      while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
      isEscaped = backslashes % 2 === 1;
    }
    const from = this.at;
    this.at = end + 1;
    try {
      return JSON.parse(text.slice(from, end + 1)) as string;
    } catch {
      this.at = from;
      return this.#fail();
    }
  }

  /** Moves to the next character that is not white space, and returns its code. */
  #next(): number {
    const text = this.#text;
    for (; this.at < text.length; this.at++) {
      const code = text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
    }
    return END;
  }

  #fail(): never {
    const found = this.at < this.#text.length ? JSON.stringify(this.#text[this.at]) : "the end";
    throw new SyntaxError(`unexpected ${found} in JSON at position ${this.at}`);
  }
}
