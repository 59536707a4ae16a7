import { isDeepStrictEqual } from "node:util";
import { ENTRY_END, type EntryReader } from "../entries.ts";
import type { LineCache } from "../line-cache/line-cache.ts";
import type { BodyFormat } from "../negotiation/negotiate.ts";
import { openReader, type ReaderOptions } from "../open-reader.ts";
import { parseFamilies } from "../text/parse-families.ts";
import { ExpositionError } from "../problem.ts";
import { CachedReading, readPlain } from "./cached-reading.ts";
import type { Corpus } from "./corpus.ts";
import { Mutator } from "./mutations.ts";
import { entryLine } from "./read-all.ts";
import { mutateWire } from "./wire-mutations.ts";

const FORMATS: readonly BodyFormat[] = ["text", "openmetrics", "protobuf"];
const MODES: readonly ReaderOptions[] = [
  {},
  {},
  { nativeHistograms: true },
  { nativeHistograms: true, alwaysClassic: true },
  { convertToNhcb: true },
  { convertToNhcb: true, alwaysClassic: true, nativeHistograms: true },
];
/** Maximum length in bytes of the part of a body that is mutated. */
const STRETCH_BYTES = 3000;

/** Error if a reader violates a rule of the test. */
class TrialFailure extends Error {
  override readonly name = "TrialFailure";
}

export interface TrialReport {
  readonly format: BodyFormat;
  readonly refused: boolean;
  readonly entries: number;
}

/** All entries that a reader returned for a body, and the error that ended the body. */
interface Transcript {
  readonly lines: readonly string[];
  readonly refusal: string | undefined;
}

/** Returns the mutated body of a seed, and an earlier body that a cache reads before it. */
export function bodiesOf(seed: number, corpus: Corpus): { format: BodyFormat; body: Uint8Array; earlier: Uint8Array } {
  const mutator = new Mutator(seed);
  const format = FORMATS[mutator.roll(8) % 3]!;
  const source = mutator.pick(corpus[format]);
  const part = format === "protobuf" ? source : mutator.stretch(source, STRETCH_BYTES);
  const donor = mutator.pick(corpus[mutator.roll(6) === 0 ? mutator.pick(FORMATS) : format]);
  const changed = (): Uint8Array => {
    if (format === "protobuf" && mutator.roll(3) > 0) return mutateWire(part, mutator);
    const body = mutator.mutate(part, donor);
    return format === "openmetrics" && mutator.roll(4) > 0 ? withEnd(body) : body;
  };
  const body = changed();
  return { format, body, earlier: mutator.roll(2) === 0 ? part : changed() };
}

const END = new TextEncoder().encode("# EOF\n");

/** Appends `# EOF` to an OpenMetrics body that does not end with this line. */
function withEnd(body: Uint8Array): Uint8Array {
  if (Buffer.from(body.buffer, body.byteOffset, body.length).includes("# EOF")) return body;
  const cut = body.lastIndexOf(0x0a) + 1;
  const out = new Uint8Array(cut + END.length);
  out.set(body.subarray(0, cut));
  out.set(END, cut);
  return out;
}

/**
 * Reads the mutated body of a seed in several ways: alone, between other bytes, through a cache, and as families.
 * Throws TrialFailure if the results differ, a reader throws an unexpected error, or a reader returns more entries than
 * the body can contain.
 */
export function tryReaders(seed: number, corpus: Corpus): TrialReport {
  const { format, body, earlier } = bodiesOf(seed, corpus);
  const mutator = new Mutator(~seed);
  const options = mutator.pick(MODES);
  const open = (bytes: Uint8Array, cache?: LineCache) => openReader(format, bytes, cache, options);
  const alone = transcript(open(body), body.length);
  same("in the middle of a larger buffer", transcript(open(mutator.surround(body)), body.length), alone);
  if (options.convertToNhcb !== true) cached(open, [earlier, body, earlier, body], mutator);
  const families = familiesOf(body);
  same("as families in a larger buffer", familiesOf(mutator.surround(body)), families);
  return { format, refused: alone.refusal !== undefined, entries: alone.lines.length };
}

/**
 * Reads bodies one after another through one cache. Throws if an entry differs from the entry that a reader without a
 * cache returns.
 */
function cached(
  open: (bytes: Uint8Array, cache?: LineCache) => EntryReader,
  bodies: readonly Uint8Array[],
  mutator: Mutator,
): void {
  const reading = new CachedReading();
  for (const [i, body] of bodies.entries()) {
    const accept = (count: number): number => (mutator.roll(3) === 0 ? mutator.roll(count + 1) : count);
    const found = reading.read(open(mutator.surround(body), reading.cache), accept);
    const expected = readPlain(open(body));
    if (isDeepStrictEqual(found, expected)) continue;
    const at = expected.findIndex((line, n) => line !== found[n]);
    throw new TrialFailure(`body ${i} through a cache, entry ${at}: ${found[at]} instead of ${expected[at]}`);
  }
}

function transcript(reader: EntryReader, length: number): Transcript {
  const lines: string[] = [];
  try {
    for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
      lines.push(entryLine(reader, kind));
      if (lines.length > length + 16) throw new TrialFailure(`more entries than a body of ${length} bytes can hold`);
    }
    if (reader.next() !== ENTRY_END) throw new TrialFailure("something comes after the end");
    return { lines, refusal: undefined };
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    if (!(error.offset >= 0 && error.offset <= length)) throw new TrialFailure(`offset ${error.offset} is not within`);
    return { lines, refusal: `${error.message} at ${error.offset}` };
  }
}

function familiesOf(body: Uint8Array): Transcript {
  const result = parseFamilies(body);
  if (!result.ok) return { lines: [], refusal: `${result.line}: ${result.message}` };
  return { lines: result.families.map((one) => JSON.stringify(one)), refusal: undefined };
}

function same(how: string, found: Transcript, expected: Transcript): void {
  if (isDeepStrictEqual(found, expected)) return;
  const at = expected.lines.findIndex((line, i) => line !== found.lines[i]);
  const [is, should] = at < 0 ? [found.refusal, expected.refusal] : [found.lines[at], expected.lines[at]];
  throw new TrialFailure(`${how}, entry ${at}: ${is} instead of ${should}; ${found.refusal} | ${expected.refusal}`);
}
