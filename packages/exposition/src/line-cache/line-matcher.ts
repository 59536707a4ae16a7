import type { ByteMap } from "@narthex/bytes";
import { LINE_MATCHER_WASM } from "./line-matcher.wasm.ts";

/** Sizes and offsets of the areas in the WebAssembly memory. The map of the memory is in kernels/line-matcher.as. */
const MAX_KEYS = 8192;
const MAX_PREAMBLES = 4096;
const PREAMBLES_OF_AT = 32_832;
const PREAMBLE_ENDS_AT = 65_664;
const VALUES_AT = 82_176;
const TIMES_AT = 90_368;
const LINE_ENDS_AT = 98_560;
const PREAMBLE_LINES_AT = 102_656;
const UNPARSED_AT = 106_752;
const POWERS_AT = 119_040;
const COUNTS_AT = 119_296;
const KEYS_AT = 131_072;
const KEY_BYTES = 196_608;
const PREAMBLES_AT = 327_680;
const PREAMBLE_BYTES = 65_536;
const BODY_AT = 393_216;
const BODY_BYTES = 262_144;

/** Minimum number of body bytes that are copied to the WebAssembly memory before a call. */
const MIN_BODY = 8192;

/** Maximum number of lines that one call compares. */
export const MAX_LINES = 1024;

/**
 * The lines that are expected in an exposition: their bytes, and the preambles (metadata and comments) before some of
 * them.
 */
export interface ExpectedLines {
  readonly keys: ByteMap;
  readonly preambles: ByteMap;
  /** For each line, 1 + the number of its preamble, or 0 if it has none. */
  readonly preambleOf: Uint32Array;
}

interface Kernel {
  readonly match: (
    from: number,
    to: number,
    key: number,
    count: number,
    firstPreamble: number,
    preambles: number,
    withTimes: number,
  ) => number;
}

/**
 * Compares expected lines with a body and parses their numbers in WebAssembly, 16 bytes at a time. Each thread has one
 * instance.
 */
export class LineMatcher {
  readonly values: Float64Array;
  /** Timestamp of each line, ms since 1970; NaN if the line has none. */
  readonly times: Float64Array;
  /** Indexes of lines that have a preamble (metadata and comments before the line). */
  readonly preambleLines: Uint32Array;
  /** Line, start and end within the body of each number that needs the full number parser. */
  readonly unparsed: Uint32Array;
  preambleLineCount = 0;
  unparsedCount = 0;
  timedCount = 0;
  readonly #kernel: Kernel;
  readonly #lineEnds: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #keyEnds: Uint32Array;
  readonly #preambleOf: Uint32Array;
  readonly #preambleEnds: Uint32Array;
  readonly #keys: Uint8Array;
  readonly #preambles: Uint8Array;
  readonly #body: Uint8Array;
  /**
   * Number of the exposition from which bytes are in the WebAssembly memory, and the range of the bytes in the body.
   */
  #exposition = 0;
  #bodyFrom = 0;
  #bodyTo = 0;
  #firstKey = 0;
  #keyCount = 0;
  #firstPreamble = 0;
  #preambleCount = 0;

  constructor(exports: Readonly<Record<string, unknown>>) {
    const { buffer } = exports["memory"] as WebAssembly.Memory;
    this.#kernel = exports as unknown as Kernel;
    this.values = new Float64Array(buffer, VALUES_AT, MAX_LINES);
    this.times = new Float64Array(buffer, TIMES_AT, MAX_LINES);
    this.preambleLines = new Uint32Array(buffer, PREAMBLE_LINES_AT, MAX_LINES);
    this.unparsed = new Uint32Array(buffer, UNPARSED_AT, 3 * MAX_LINES);
    this.#lineEnds = new Uint32Array(buffer, LINE_ENDS_AT, MAX_LINES);
    this.#counts = new Uint32Array(buffer, COUNTS_AT, 3);
    this.#keyEnds = new Uint32Array(buffer, 0, MAX_KEYS + 1);
    this.#preambleOf = new Uint32Array(buffer, PREAMBLES_OF_AT, MAX_KEYS);
    this.#preambleEnds = new Uint32Array(buffer, PREAMBLE_ENDS_AT, MAX_PREAMBLES + 1);
    this.#keys = new Uint8Array(buffer, KEYS_AT, KEY_BYTES);
    this.#preambles = new Uint8Array(buffer, PREAMBLES_AT, PREAMBLE_BYTES);
    this.#body = new Uint8Array(buffer, BODY_AT, BODY_BYTES);
    new Float64Array(buffer, POWERS_AT, 23).forEach((_, power, powers) => (powers[power] = Number(`1e${power}`)));
  }

  /**
   * Returns the number of lines, starting at byte `at`, that match the expected lines `first`, `first + 1` and so on,
   * up to `most` or MAX_LINES. The results are valid until the next call.
   * @param exposition a number that is unique for each reading of a body; while it is the same, the body and the
   * expected lines must be the same
   */
  match(
    exposition: number,
    body: Uint8Array,
    at: number,
    expected: ExpectedLines,
    first: number,
    most: number,
    withTimes: boolean,
  ): number {
    if (exposition !== this.#exposition) this.#forget(exposition);
    if (at < this.#bodyFrom || (at + MIN_BODY > this.#bodyTo && this.#bodyTo < body.length)) this.#loadBody(body, at);
    if (first < this.#firstKey || first >= this.#firstKey + this.#keyCount) this.#loadKeys(expected, first);
    const from = first - this.#firstKey;
    const count = Math.min(most, this.#keyCount - from);
    this.#loadPreambles(expected.preambles, from, count);
    const found = this.#kernel.match(
      at - this.#bodyFrom,
      this.#bodyTo - this.#bodyFrom,
      from,
      count,
      this.#firstPreamble,
      this.#preambleCount,
      withTimes ? 1 : 0,
    );
    const counts = this.#counts;
    this.preambleLineCount = counts[0]!;
    this.unparsedCount = counts[1]!;
    this.timedCount = counts[2]!;
    for (let i = 0; i < this.unparsedCount; i++) {
      this.unparsed[i * 3 + 1]! += this.#bodyFrom;
      this.unparsed[i * 3 + 2]! += this.#bodyFrom;
    }
    return found;
  }

  lineEnd(line: number): number {
    return this.#bodyFrom + this.#lineEnds[line]!;
  }

  /** Replaces the preamble of an expected line. */
  changePreamble(exposition: number, key: number, preamble: number): void {
    const at = key - this.#firstKey;
    if (exposition === this.#exposition && at >= 0 && at < this.#keyCount) this.#preambleOf[at] = preamble;
  }

  #forget(exposition: number): void {
    this.#exposition = exposition;
    this.#bodyFrom = this.#bodyTo = 0;
    this.#keyCount = 0;
    this.#preambleCount = 0;
  }

  #loadBody(body: Uint8Array, at: number): void {
    this.#bodyFrom = at;
    this.#bodyTo = Math.min(body.length, at + BODY_BYTES);
    this.#body.set(body.subarray(at, this.#bodyTo));
  }

  #loadKeys({ keys, preambleOf }: ExpectedLines, first: number): void {
    this.#firstKey = first;
    this.#keyCount = keys.fitting(first, MAX_KEYS, KEY_BYTES);
    const end = first + this.#keyCount;
    this.#keys.set(keys.bytesOf(first, end));
    keys.copyEnds(first, end, this.#keyEnds);
    this.#preambleOf.set(preambleOf.subarray(first, end));
  }

  /** Copies those preambles of expected lines into the WebAssembly memory that are not there yet. */
  #loadPreambles(preambles: ByteMap, from: number, count: number): void {
    for (let i = from; i < from + count; i++) {
      const preamble = this.#preambleOf[i]! - 1;
      if (preamble < 0) continue;
      if (preamble >= this.#firstPreamble && preamble < this.#firstPreamble + this.#preambleCount) return;
      if (preamble >= preambles.size) return;
      this.#firstPreamble = preamble;
      this.#preambleCount = preambles.fitting(preamble, MAX_PREAMBLES, PREAMBLE_BYTES);
      this.#preambles.set(preambles.bytesOf(preamble, preamble + this.#preambleCount));
      preambles.copyEnds(preamble, preamble + this.#preambleCount, this.#preambleEnds);
      return;
    }
  }
}

function instantiate(): LineMatcher {
  const bytes = Uint8Array.from(atob(LINE_MATCHER_WASM), (character) => character.charCodeAt(0));
  return new LineMatcher(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports);
}

let matcher: LineMatcher | "none" | undefined;

/**
 * Returns the matcher, or undefined if WebAssembly is disabled or has no SIMD. The first call creates it, because a
 * program that only writes expositions does not need it.
 */
export function lineMatcher(): LineMatcher | undefined {
  matcher ??= available() ?? "none";
  return matcher === "none" ? undefined : matcher;
}

function available(): LineMatcher | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  try {
    return instantiate();
  } catch {
    return undefined;
  }
}
