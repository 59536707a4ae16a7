import { type Field, type Frame, isNumeric, type NumericField } from "./frame.ts";
import type { FrameAnswer } from "./frame-answer.ts";
import { FrameFormatError } from "./frame-format-error.ts";
import { listOf, objectOf, readConfig, readLabels, readMeta, textIn } from "./frame-head.ts";
import { type Steps } from "./steps.ts";
import { ownValue } from "../model/json.ts";
import type { JsonObject } from "../model/field-config.ts";

/** The media type of a body that frameBytes() has written. */
export const FRAMES_MEDIA_TYPE = "application/vnd.narthex.frames";

/**
 * First four bytes of the binary format for frames: `NXF1`. The length of the head follows (32 bits, little-endian),
 * then the head as JSON, padded to 8 bytes, then the columns in the order of the head. Each column starts at a multiple
 * of 8. The offset of a column follows from the columns before it, so a head cannot refer to one part of the body many
 * times. Numbers are 64-bit floats in the machine's byte order, which is little-endian on all platforms of JavaScript.
 * The null marks of a column follow its numbers. A column of texts stores each distinct text once, in the head; the
 * column contains the text's number from 1, or 0 for null. A numeric column that was written before is referenced
 * instead of written again, because series of one query usually share their times.
 */
const MAGIC = 0x3146584e;
const HEAD_AT = 8;
const MAX_NESTING = 4;

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** Returns the number of bytes (1, 2 or 4) that are needed for numbers up to `most`. */
function widthOf(most: number): 1 | 2 | 4 {
  return most < 0x100 ? 1 : most < 0x10000 ? 2 : 4;
}

const indexArrays = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;

type Piece = Float64Array | Uint8Array | Uint16Array | Uint32Array;

/** Number of values of a column that are read in one step. */
const VALUES_AT_ONCE = 64 * 1024;
/** Number of characters of texts that are read in one step. Each text counts with some characters more. */
const [CHARACTERS_AT_ONCE, EXTRA_CHARACTERS] = [512 * 1024, 64];
/** Number of characters of the head that are encoded in one step. */
const HEAD_AT_ONCE = 64 * 1024;
const PADDING = new Uint8Array(8);

/** Writes the text of the head in pieces, because the head contains all distinct texts of all columns. */
class HeadWriter {
  private readonly encoder = new TextEncoder();
  private readonly written: Uint8Array[] = [];
  private text = "";

  /** Adds text to the head. Returns true if a piece is complete, so that the caller ends a step. */
  add(text: string): boolean {
    this.text += text;
    if (this.text.length < HEAD_AT_ONCE) return false;
    this.complete();
    return true;
  }

  /** Returns the magic number, the length and the text, padded to a multiple of 8 bytes. */
  pieces(): readonly Uint8Array[] {
    this.complete();
    const length = this.written.reduce((sum, piece) => sum + piece.length, 0);
    const start = new Uint8Array(HEAD_AT);
    const view = new DataView(start.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, length, true);
    return [start, ...this.written, PADDING.subarray(0, padded(length) - length)];
  }

  private complete(): void {
    this.written.push(this.encoder.encode(this.text));
    this.text = "";
  }
}

/** Returns the JSON of an object without its end, so that a last property with a list of values can follow. */
const opened = (properties: JsonObject, list: string): string => {
  const text = JSON.stringify(properties).slice(0, -1);
  return `${text}${text === "{" ? "" : ","}"${list}":[`;
};

class BodyWriter {
  readonly head = new HeadWriter();
  readonly pieces: Uint8Array[] = [];
  /** Index of each numeric column that was already written, so that an equal column is only referenced. */
  private readonly numeric = new Map<Float64Array, number>();
  private lastTimes: NumericField | undefined;
  private count = 0;

  private put({ buffer, byteOffset, byteLength }: Piece): void {
    this.pieces.push(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
    const padding = padded(byteLength) - byteLength;
    if (padding > 0) this.pieces.push(PADDING.subarray(0, padding));
  }

  /** Writes the columns of a frame to the pieces, and the rest of the frame to the head. */
  *frame(frame: Frame): Steps<void> {
    const { refId, name, length, meta, fields } = frame;
    this.head.add(opened({ refId, name, length: fields.length === 0 ? 0 : length, meta }, "fields"));
    for (const [at, field] of fields.entries()) {
      if (at > 0) this.head.add(",");
      yield* this.field(field);
      yield;
    }
    this.head.add("]}");
  }

  private *field(field: Field): Steps<void> {
    const { name, type, labels, config } = field;
    const head = { name, type, labels, config };
    if (isNumeric(field)) {
      this.head.add(JSON.stringify({ ...head, ...(yield* this.numbers(field)) }));
      return;
    }
    switch (field.type) {
      case "string":
        yield* this.list(opened(head, "words"), yield* this.texts(field.values));
        break;
      case "boolean":
        yield* this.booleans(field.values);
        this.head.add(JSON.stringify(head));
        break;
      case "json":
        yield* this.list(opened(head, "values"), field.values);
        break;
      case "frame":
        this.head.add(opened(head, "values"));
        for (const [at, value] of field.values.entries()) {
          if (at > 0) this.head.add(",");
          if (value === null) this.head.add("null");
          else yield* this.frame(value);
        }
        this.head.add("]}");
    }
  }

  /** Writes an object of the head whose last property is a list. */
  private *list(start: string, values: Iterable<unknown>): Steps<void> {
    let separator = start;
    for (const value of values) {
      if (this.head.add(`${separator}${JSON.stringify(value) ?? "null"}`)) yield;
      separator = ",";
    }
    this.head.add(separator === "," ? "]}" : `${start}]}`);
  }

  private *booleans(values: readonly (boolean | null)[]): Steps<void> {
    const bytes = new Uint8Array(values.length);
    for (let row = 0; row < values.length; row++) {
      if (row % VALUES_AT_ONCE === VALUES_AT_ONCE - 1) yield;
      const value = values[row]!;
      bytes[row] = value === null ? 2 : Number(value);
    }
    this.put(bytes);
  }

  private *numbers(field: NumericField): Steps<JsonObject> {
    const { values, nulls } = field;
    if (nulls !== undefined) {
      this.put(values);
      this.put(nulls);
      this.count++;
      return { nulls: true };
    }
    const last = this.lastTimes?.values;
    const isLast = field.type === "time" && last !== undefined && (yield* isEqual(last, values));
    const same = this.numeric.get(isLast ? last : values);
    if (same !== undefined) return { same };
    if (field.type === "time") this.lastTimes = field;
    this.numeric.set(values, this.count++);
    this.put(values);
    return {};
  }

  /** Writes the indexes of a column of texts. Returns the distinct texts. */
  private *texts(values: readonly (string | null)[]): Steps<Iterable<string>> {
    const known = new Map<string, number>();
    const indexes = new Uint32Array(values.length);
    let characters = 0;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      characters += EXTRA_CHARACTERS + (value?.length ?? 0);
      if (characters > CHARACTERS_AT_ONCE) {
        yield;
        characters = 0;
      }
      if (value === null) continue;
      let index = known.get(value);
      if (index === undefined) known.set(value, (index = known.size + 1));
      indexes[row] = index;
    }
    const width = widthOf(known.size);
    this.put(width === 4 ? indexes : new indexArrays[width](indexes));
    return known.keys();
  }
}

function* isEqual(some: Float64Array, others: Float64Array): Steps<boolean> {
  if (some.length !== others.length) return false;
  for (let row = 0; row < some.length; row++) {
    if (row % VALUES_AT_ONCE === VALUES_AT_ONCE - 1) yield;
    if (some[row] !== others[row]) return false;
  }
  return true;
}

/**
 * Encodes the answers to queries, which are keyed by refId (the query's letter), as bytes. The result of the steps is a
 * list of pieces, most of which are the columns themselves and not copies. The columns must not be changed later.
 */
export function* frameBytes(answers: ReadonlyMap<string, FrameAnswer>): Steps<readonly Uint8Array[]> {
  const body = new BodyWriter();
  let separator = "[";
  for (const [refId, { status, error, frames }] of answers) {
    body.head.add(`${separator}${opened({ refId, status, error }, "frames")}`);
    for (const [at, frame] of frames.entries()) {
      if (at > 0) body.head.add(",");
      yield* body.frame(frame);
    }
    body.head.add("]}");
    separator = ",";
  }
  body.head.add(separator === "[" ? "[]" : "]");
  return [...body.head.pieces(), ...body.pieces];
}

class BodyReader {
  private at: number;
  private readonly numeric: Float64Array[] = [];
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Reserves bytes for a column, and returns the offset of the first byte. */
  private take(length: number, name: string): number {
    const at = this.at;
    if (length > this.bytes.length - at) throw new FrameFormatError(`the column "${name}" ends early`);
    this.at += padded(length);
    return this.bytes.byteOffset + at;
  }

  frame(json: unknown, nesting: number): Frame {
    if (nesting > MAX_NESTING) throw new FrameFormatError("frames are nested too deeply");
    const head = objectOf(json);
    const length = ownValue(head, "length");
    const fields = ownValue(head, "fields");
    if (!Array.isArray(fields)) throw new FrameFormatError('a frame has no list "fields"');
    if (typeof length !== "number" || !Number.isInteger(length) || length < 0) {
      throw new FrameFormatError("a frame has no length");
    }
    const refId = textIn(head, "refId");
    const name = ownValue(head, "name");
    const meta = readMeta(ownValue(head, "meta"));
    return {
      ...(refId === undefined ? {} : { refId }),
      ...(typeof name === "string" ? { name } : {}),
      length: fields.length === 0 ? 0 : length,
      fields: fields.map((field: unknown) => this.field(objectOf(field), length, nesting)),
      ...(meta === undefined ? {} : { meta }),
    };
  }

  private field(head: JsonObject, length: number, nesting: number): Field {
    const said = ownValue(head, "name");
    const name = typeof said === "string" ? said : "";
    const labels = readLabels(ownValue(head, "labels"));
    const base = { name, ...(labels === undefined ? {} : { labels }), config: readConfig(ownValue(head, "config")) };
    const type = ownValue(head, "type");
    switch (type) {
      case "time":
      case "number":
        return { ...base, type, ...this.numbers(head, length, name) };
      case "string":
        return { ...base, type, values: this.texts(listOf(ownValue(head, "words")), length, name) };
      case "boolean": {
        const bytes = new Uint8Array(this.bytes.buffer, this.take(length, name), length);
        return { ...base, type, values: Array.from(bytes, (byte) => (byte > 1 ? null : byte === 1)) };
      }
      case "json":
        return { ...base, type, values: this.listed(head, length, name) };
      case "frame":
        return {
          ...base,
          type,
          values: this.listed(head, length, name).map((one) => (one === null ? null : this.frame(one, nesting + 1))),
        };
      default:
        throw new FrameFormatError(`the column "${name}" has no type`);
    }
  }

  private listed(head: JsonObject, length: number, name: string): readonly unknown[] {
    const values = listOf(ownValue(head, "values"));
    if (values.length !== length)
      throw new FrameFormatError(`the column "${name}" does not have as many values as the frame has rows`);
    return values;
  }

  private numbers(head: JsonObject, length: number, name: string): Pick<NumericField, "values" | "nulls"> {
    const same = ownValue(head, "same");
    if (typeof same === "number") {
      const values = this.numeric[same];
      if (values?.length !== length)
        throw new FrameFormatError(`the column "${name}" refers to a column that does not exist`);
      return { values };
    }
    const values = new Float64Array(this.bytes.buffer, this.take(8 * length, name), length);
    this.numeric.push(values);
    if (ownValue(head, "nulls") !== true) return { values };
    return { values, nulls: new Uint8Array(this.bytes.buffer, this.take(length, name), length) };
  }

  private texts(words: readonly unknown[], length: number, name: string): (string | null)[] {
    const width = widthOf(words.length);
    const indexes = new indexArrays[width](this.bytes.buffer as ArrayBuffer, this.take(width * length, name), length);
    return Array.from(indexes as ArrayLike<number>, (index) => {
      const word = words[index - 1];
      return typeof word === "string" ? word : null;
    });
  }
}

function readHead(bytes: Uint8Array, length: number): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD_AT, HEAD_AT + length)));
  } catch {
    throw new FrameFormatError("the head is not valid JSON");
  }
}

/**
 * Decodes bytes that frameBytes() has written. Returns the answers by refId (the query's letter). Numeric columns are
 * views of the bytes, which are copied only if they do not start at a multiple of 8. Throws FrameFormatError for other
 * bytes.
 */
export function readFrames(source: Uint8Array): Map<string, FrameAnswer> {
  const bytes = source.byteOffset % 8 === 0 ? source : source.slice();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD_AT || view.getUint32(0, true) !== MAGIC) {
    throw new FrameFormatError(`the body is not of the type ${FRAMES_MEDIA_TYPE}`);
  }
  const length = view.getUint32(4, true);
  if (length > bytes.length - HEAD_AT) throw new FrameFormatError("the head ends early");
  const head = readHead(bytes, length);
  const body = new BodyReader(bytes, padded(HEAD_AT + length));
  const answers = new Map<string, FrameAnswer>();
  for (const one of listOf(head)) {
    const answer = objectOf(one);
    const refId = ownValue(answer, "refId");
    const status = ownValue(answer, "status");
    const error = ownValue(answer, "error");
    if (typeof refId !== "string" || typeof status !== "number") throw new FrameFormatError("an answer has no refId");
    answers.set(refId, {
      status,
      ...(typeof error === "string" ? { error } : {}),
      frames: listOf(ownValue(answer, "frames")).map((frame) => body.frame(frame, 0)),
    });
  }
  return answers;
}
