import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  ANSWER_TAG_LENGTH,
  answersJsonTexts,
  answersToJson,
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
/** Number of cells from which JSON is written while it is sent. Shorter answers are written at once. */
const LARGE_CELLS = 20_000;
/** Length in bytes from which a body consists of the columns themselves. Shorter bodies are copies. */
const LARGE_BYTES = 1024 * 1024;
/** Length of the parts in which JSON is written, in characters, and number of bytes that are hashed at once. */
const [PART_CHARACTERS, HASHED_AT_ONCE] = [64 * 1024, 1024 * 1024];

/** Encodes answers in the media type. Never occupies the event loop for more than a few milliseconds. */
export async function encodeAnswers(
  answers: ReadonlyMap<string, FrameAnswer>,
  type: string,
  clock: Clock,
): Promise<EncodedAnswer> {
  if (type === FRAMES_MEDIA_TYPE) return framesBody(answers, clock);
  if (cellsOf(answers) >= LARGE_CELLS) return { body: { length: undefined, parts: () => jsonParts(answers) }, tag: "" };
  return { body: wholeBody(Buffer.from(JSON.stringify(answersToJson(answers)))), tag: "" };
}

function cellsOf(answers: ReadonlyMap<string, FrameAnswer>): number {
  let cells = 0;
  for (const { frames } of answers.values()) for (const { fields, length } of frames) cells += fields.length * length;
  return cells;
}

const wholeBody = (bytes: Buffer): AnswerBody => ({ length: bytes.length, parts: () => [bytes] });

async function framesBody(answers: ReadonlyMap<string, FrameAnswer>, clock: Clock): Promise<EncodedAnswer> {
  const slice = new TimeSlice(clock, SLICE_MS);
  const parts = await runInTimeSlices(clock, frameBytes(answers), slice);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const kept = length < LARGE_BYTES ? [Buffer.concat(parts)] : parts;
  const hash = createHash("sha1");
  for (const part of kept)
    for (let at = 0; at < part.length; at += HASHED_AT_ONCE) {
      hash.update(part.subarray(at, at + HASHED_AT_ONCE));
      await slice.yieldToEventLoop();
    }
  const tag = hash.digest("base64url").slice(0, ANSWER_TAG_LENGTH);
  return { body: { length, parts: () => kept }, tag };
}

function* jsonParts(answers: ReadonlyMap<string, FrameAnswer>): Generator<Buffer> {
  let part = "";
  for (const text of answersJsonTexts(answers)) {
    part += text;
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
    yield part;
    await slice.yieldToEventLoop();
  }
}
