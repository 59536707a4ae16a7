import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  ANSWER_TAG_LENGTH,
  answersJsonTexts,
  answersToJson,
  type Field,
  type FrameAnswer,
  frameBytes,
  FRAMES_MEDIA_TYPE,
} from "@narthex/dashboards";
import { type Clock, runInTimeSlices, TimeSlice } from "@narthex/runtime";

/** The body of a response, or of a part of it. */
export interface AnswerBody {
  /** Length in bytes. Undefined if the body is written while it is sent. */
  readonly length: number | undefined;
  /** Returns the parts of the body. Each caller gets its own iterator. */
  readonly parts: () => Iterable<Uint8Array>;
}

/** An encoded body, with the tag that identifies it (like an ETag). The tag is empty if the body is JSON. */
interface EncodedAnswer {
  readonly body: AnswerBody;
  readonly tag: string;
}

/** Maximum time of encoding without a pause, ms. */
const SLICE_MS = 4;
/** Maximum number of cells, and of characters of their texts and labels, of JSON that is written without a pause. */
const [MAX_SHORT_CELLS, MAX_SHORT_CHARACTERS] = [20_000, 256 * 1024];
/**
 * Maximum length of a JSON body that is written before it is sent, in bytes. Such a body can be cached and shared.
 * Longer JSON is written while it is sent.
 */
const MAX_WHOLE_JSON_BYTES = 4 * 1024 * 1024;
/** Length in bytes from which a body consists of the columns themselves. Shorter bodies are copies. */
const LARGE_BYTES = 1024 * 1024;
/** Length of the pieces in which a long body is sent, in bytes. */
const PIECE_BYTES = 64 * 1024;
/** Length of the parts in which JSON is written, in characters, and number of bytes that are hashed at once. */
const [PART_CHARACTERS, HASHED_AT_ONCE] = [64 * 1024, 1024 * 1024];
/** Length in bytes from which a part of a body is sent without a copy, and maximum length of joined short parts. */
const [LARGE_PART_BYTES, JOINED_BYTES] = [64 * 1024, 256 * 1024];
const NOTHING = Buffer.alloc(0);

/**
 * Encodes answers in the media type. Pauses between steps of a long answer, so that other requests are not delayed. Most
 * steps take a few milliseconds. A single text or JSON value is one step, whatever its length. A step also takes longer
 * when the table of 1,000,000 distinct texts of a column grows.
 */
export async function encodeAnswers(
  answers: ReadonlyMap<string, FrameAnswer>,
  type: string,
  clock: Clock,
): Promise<EncodedAnswer> {
  if (type === FRAMES_MEDIA_TYPE) return framesBody(answers, clock);
  if (!isShort(answers)) return { body: await jsonBody(answers, clock), tag: "" };
  return { body: wholeBody(Buffer.from(JSON.stringify(answersToJson(answers)))), tag: "" };
}

/** Reports whether answers have few cells and short texts. The size of JSON values and of nested frames is unknown. */
function isShort(answers: ReadonlyMap<string, FrameAnswer>): boolean {
  let [cells, characters] = [0, 0];
  for (const { frames } of answers.values())
    for (const { fields, length } of frames) {
      cells += fields.length * length;
      if (fields.length > MAX_SHORT_CELLS || cells >= MAX_SHORT_CELLS) return false;
      for (const field of fields) {
        if (field.type === "json" || field.type === "frame") return false;
        characters += charactersOf(field);
        if (characters > MAX_SHORT_CHARACTERS) return false;
      }
    }
  return true;
}

function charactersOf({ type, labels = {}, values }: Field): number {
  let characters = 0;
  for (const name in labels) characters += name.length + labels[name]!.length;
  if (type === "string") for (const text of values) characters += text?.length ?? 0;
  return characters;
}

const wholeBody = (bytes: Buffer): AnswerBody => ({ length: bytes.length, parts: () => [bytes] });

async function framesBody(answers: ReadonlyMap<string, FrameAnswer>, clock: Clock): Promise<EncodedAnswer> {
  const slice = new TimeSlice(clock, SLICE_MS);
  const parts = await runInTimeSlices(clock, frameBytes(answers), slice);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const kept: Uint8Array[] = length < LARGE_BYTES ? [Buffer.concat(parts)] : [];
  if (length >= LARGE_BYTES)
    for (const part of joinedParts(parts)) {
      kept.push(part);
      await slice.yieldToEventLoop();
    }
  const hash = createHash("sha1");
  for (const part of kept)
    for (let at = 0; at < part.length; at += HASHED_AT_ONCE) {
      hash.update(part.subarray(at, at + HASHED_AT_ONCE));
      await slice.yieldToEventLoop();
    }
  const tag = hash.digest("base64url").slice(0, ANSWER_TAG_LENGTH);
  return { body: { length, parts: () => kept }, tag };
}

/** Writes JSON completely if it is short enough to be cached. Otherwise, the rest is written while the body is sent. */
async function jsonBody(answers: ReadonlyMap<string, FrameAnswer>, clock: Clock): Promise<AnswerBody> {
  const slice = new TimeSlice(clock, SLICE_MS);
  const rest = jsonParts(answers);
  const begun: Buffer[] = [];
  let length = 0;
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    if (next.value.length > 0) begun.push(next.value);
    length += next.value.length;
    if (length > MAX_WHOLE_JSON_BYTES) return { length: undefined, parts: continued(begun, rest, answers) };
    await slice.yieldToEventLoop();
  }
  return { length, parts: () => begun };
}

/** The first caller gets the parts that are already written, then the rest. Each further caller starts again. */
function continued(
  begun: Buffer[],
  rest: Generator<Buffer>,
  answers: ReadonlyMap<string, FrameAnswer>,
): AnswerBody["parts"] {
  let first: Generator<Buffer> | undefined = chained(begun, rest);
  return () => {
    const parts = first ?? jsonParts(answers);
    first = undefined;
    return parts;
  };
}

/** Yields the parts that are already written, and releases them. Then yields the rest. */
function* chained(begun: Buffer[], rest: Generator<Buffer>): Generator<Buffer> {
  for (let part = begun.shift(); part !== undefined; part = begun.shift()) yield part;
  yield* rest;
}

/** Yields the parts of JSON. An empty part is a step without text. */
function* jsonParts(answers: ReadonlyMap<string, FrameAnswer>): Generator<Buffer> {
  let part = "";
  for (const text of answersJsonTexts(answers)) {
    part += text;
    if (text === "") yield NOTHING;
    if (part.length < PART_CHARACTERS) continue;
    yield Buffer.from(part);
    part = "";
  }
  yield Buffer.from(part);
}

/** Returns a body as Fastify sends it: a short one as a whole, a long one as a stream. */
export function sendableBody({ length, parts }: AnswerBody, clock: Clock): Buffer | Readable {
  if (length !== undefined && length < LARGE_BYTES) return Buffer.concat([...parts()], length);
  return Readable.from(inSlices(parts(), clock), { objectMode: false });
}

/** Yields the parts when the client can take them. Pauses between parts that are written in one turn of the event loop. */
async function* inSlices(parts: Iterable<Uint8Array>, clock: Clock): AsyncGenerator<Uint8Array> {
  const slice = new TimeSlice(clock, SLICE_MS);
  for (const part of parts) {
    yield* piecesOf(part);
    await slice.yieldToEventLoop();
  }
}

/**
 * Cuts a part of a body into pieces, without a copy. A slow client takes each piece in a short time, so that it is not
 * mistaken for a client that takes nothing.
 */
export function* piecesOf(part: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < part.length; at += PIECE_BYTES) yield part.subarray(at, at + PIECE_BYTES);
}

/** Yields the bytes of all parts. Joins short parts, but does not copy long ones. */
export function* joinedParts(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let short: Uint8Array[] = [];
  let length = 0;
  for (const part of parts) {
    const isLong = part.length >= LARGE_PART_BYTES;
    if (short.length > 0 && (isLong || length + part.length > JOINED_BYTES)) {
      yield Buffer.concat(short);
      short = [];
      length = 0;
    }
    if (isLong) {
      yield part;
      continue;
    }
    short.push(part);
    length += part.length;
  }
  if (short.length > 0) yield Buffer.concat(short);
}
