import type { ByteMap } from "@narthex/bytes";
import { LINE_MATCHER_WASM } from "./line-matcher.wasm.ts";

/** Where things lie in the kernel's memory; kernels/line-matcher.as has the map. */
const MAX_KEYS = 8192;
const MAX_LEADS = 4096;
const LEADS_OF_AT = 32_832;
const LEAD_ENDS_AT = 65_664;
const VALUES_AT = 82_176;
const TIMES_AT = 90_368;
const LINE_ENDS_AT = 98_560;
const LED_AT = 102_656;
const ODD_AT = 106_752;
const POWERS_AT = 119_040;
const COUNTS_AT = 119_296;
const KEYS_AT = 131_072;
const KEY_BYTES = 196_608;
const LEADS_AT = 327_680;
const LEAD_BYTES = 65_536;
const BODY_AT = 393_216;
const BODY_BYTES = 262_144;

/** So much of the body should lie in the kernel's memory before it is asked. */
const LEAST_BODY = 8192;

/** Lines that one call finds at most. */
export const MOST_LINES = 1024;

/** What is expected of an exposition's lines: keys, and before some of them a lead, as bytes. */
export interface ExpectedLines {
  readonly keys: ByteMap;
  readonly leads: ByteMap;
  /** Of each key 1 + the number of its lead; 0 where there is none. */
  readonly leadOf: Uint32Array;
}

interface Kernel {
  readonly match: (
    from: number,
    to: number,
    key: number,
    count: number,
    firstLead: number,
    leads: number,
    withTimes: number,
  ) => number;
}

/** Compares lines and reads their numbers as WebAssembly, sixteen bytes at a time. One per thread. */
export class LineMatcher {
  readonly values: Float64Array;
  /** ms; NaN where a line has none. */
  readonly times: Float64Array;
  /** The lines that have a lead. */
  readonly led: Uint32Array;
  /** Line, start and end within the body for each of the numbers that are left to a full parser. */
  readonly odd: Uint32Array;
  ledCount = 0;
  oddCount = 0;
  timedCount = 0;
  readonly #kernel: Kernel;
  readonly #lineEnds: Uint32Array;
  readonly #counts: Uint32Array;
  readonly #keyEnds: Uint32Array;
  readonly #leadOf: Uint32Array;
  readonly #leadEnds: Uint32Array;
  readonly #keys: Uint8Array;
  readonly #leads: Uint8Array;
  readonly #body: Uint8Array;
  /** Which exposition lies in the kernel's memory, and what of it. */
  #exposition = 0;
  #bodyFrom = 0;
  #bodyTo = 0;
  #firstKey = 0;
  #keyCount = 0;
  #firstLead = 0;
  #leadCount = 0;

  constructor(exports: Readonly<Record<string, unknown>>) {
    const { buffer } = exports["memory"] as WebAssembly.Memory;
    this.#kernel = exports as unknown as Kernel;
    this.values = new Float64Array(buffer, VALUES_AT, MOST_LINES);
    this.times = new Float64Array(buffer, TIMES_AT, MOST_LINES);
    this.led = new Uint32Array(buffer, LED_AT, MOST_LINES);
    this.odd = new Uint32Array(buffer, ODD_AT, 3 * MOST_LINES);
    this.#lineEnds = new Uint32Array(buffer, LINE_ENDS_AT, MOST_LINES);
    this.#counts = new Uint32Array(buffer, COUNTS_AT, 3);
    this.#keyEnds = new Uint32Array(buffer, 0, MAX_KEYS + 1);
    this.#leadOf = new Uint32Array(buffer, LEADS_OF_AT, MAX_KEYS);
    this.#leadEnds = new Uint32Array(buffer, LEAD_ENDS_AT, MAX_LEADS + 1);
    this.#keys = new Uint8Array(buffer, KEYS_AT, KEY_BYTES);
    this.#leads = new Uint8Array(buffer, LEADS_AT, LEAD_BYTES);
    this.#body = new Uint8Array(buffer, BODY_AT, BODY_BYTES);
    new Float64Array(buffer, POWERS_AT, 23).forEach((_, power, powers) => (powers[power] = Number(`1e${power}`)));
  }

  /**
   * How many lines of the body from byte `at` on are those of the keys `first`, `first + 1` … (`most` at most, in MOST_LINES).
   * What it found is there until the next call.
   *
   * @param exposition a number of its own for each time that a body is read: with the same, body and what is expected of
   * lines to come are the same
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
    if (at < this.#bodyFrom || (at + LEAST_BODY > this.#bodyTo && this.#bodyTo < body.length)) this.#loadBody(body, at);
    if (first < this.#firstKey || first >= this.#firstKey + this.#keyCount) this.#loadKeys(expected, first);
    const from = first - this.#firstKey;
    const count = Math.min(most, this.#keyCount - from);
    this.#loadLeads(expected.leads, from, count);
    const found = this.#kernel.match(
      at - this.#bodyFrom,
      this.#bodyTo - this.#bodyFrom,
      from,
      count,
      this.#firstLead,
      this.#leadCount,
      withTimes ? 1 : 0,
    );
    const counts = this.#counts;
    this.ledCount = counts[0]!;
    this.oddCount = counts[1]!;
    this.timedCount = counts[2]!;
    for (let i = 0; i < this.oddCount; i++) {
      this.odd[i * 3 + 1]! += this.#bodyFrom;
      this.odd[i * 3 + 2]! += this.#bodyFrom;
    }
    return found;
  }

  /** Where line number `line` ends within the body, its newline included. */
  lineEnd(line: number): number {
    return this.#bodyFrom + this.#lineEnds[line]!;
  }

  /** A key's lead is another one from now on. */
  changeLead(exposition: number, key: number, lead: number): void {
    const at = key - this.#firstKey;
    if (exposition === this.#exposition && at >= 0 && at < this.#keyCount) this.#leadOf[at] = lead;
  }

  #forget(exposition: number): void {
    this.#exposition = exposition;
    this.#bodyFrom = this.#bodyTo = 0;
    this.#keyCount = 0;
    this.#leadCount = 0;
  }

  #loadBody(body: Uint8Array, at: number): void {
    this.#bodyFrom = at;
    this.#bodyTo = Math.min(body.length, at + BODY_BYTES);
    this.#body.set(body.subarray(at, this.#bodyTo));
  }

  #loadKeys({ keys, leadOf }: ExpectedLines, first: number): void {
    this.#firstKey = first;
    this.#keyCount = keys.fitting(first, MAX_KEYS, KEY_BYTES);
    const end = first + this.#keyCount;
    this.#keys.set(keys.bytesOf(first, end));
    keys.copyEnds(first, end, this.#keyEnds);
    this.#leadOf.set(leadOf.subarray(first, end));
  }

  /** Loads the leads from the first on that these keys have, where it is not there. */
  #loadLeads(leads: ByteMap, from: number, count: number): void {
    for (let i = from; i < from + count; i++) {
      const lead = this.#leadOf[i]! - 1;
      if (lead < 0) continue;
      if (lead >= this.#firstLead && lead < this.#firstLead + this.#leadCount) return;
      if (lead >= leads.size) return;
      this.#firstLead = lead;
      this.#leadCount = leads.fitting(lead, MAX_LEADS, LEAD_BYTES);
      this.#leads.set(leads.bytesOf(lead, lead + this.#leadCount));
      leads.copyEnds(lead, lead + this.#leadCount, this.#leadEnds);
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
 * Undefined where WebAssembly is switched off, or has no words of sixteen bytes. Made when it is first asked for: a
 * program that only prints has no use for it.
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
