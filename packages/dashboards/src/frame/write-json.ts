import { type Field, type Frame, isNumeric, type NumericField } from "./frame.ts";
import type { FrameAnswer } from "./frame-answer.ts";
import { entityKinds, fieldSchema, frameSchema } from "./frame-json.ts";

type Texts = Generator<string, void, undefined>;

const NULL = ["null"];

/** Number of numbers, or of characters of texts, that are converted at once. */
const [NUMBERS_AT_ONCE, CHARACTERS_AT_ONCE] = [4096, 32 * 1024];
/** Number of numbers that are searched for NaN and infinities at once. */
const SEARCHED_AT_ONCE = 64 * 1024;

/**
 * Yields the response body of `POST /api/ds/query` in pieces, so that a large body is never in memory as a whole. The
 * joined pieces are equal to `JSON.stringify(answersToJson(answers))`. An empty piece is a step without text, after which
 * the caller may do other work.
 */
export function* answersJsonTexts(answers: ReadonlyMap<string, FrameAnswer>): Texts {
  yield '{"results":{';
  // Sorts the answers as an object sorts its keys: whole numbers come first.
  const entries = Object.entries(Object.fromEntries(answers));
  for (const [at, [refId, { status, frames, error }]] of entries.entries()) {
    yield `${at > 0 ? "," : ""}${JSON.stringify(refId)}:{"status":${JSON.stringify(status)},"frames":`;
    yield* list(frames, frameTexts);
    yield `${error === undefined ? "" : `,"error":${JSON.stringify(error)}`}}`;
  }
  yield "}}";
}

function* frameTexts(frame: Frame): Texts {
  // The fields are the last property of the schema.
  yield `{"schema":${JSON.stringify(frameSchema({ ...frame, fields: [] })).slice(0, -"[]}".length)}`;
  yield* list(frame.fields, function* (field) {
    yield JSON.stringify(fieldSchema(field));
  });
  yield '},"data":{"values":';
  yield* list(frame.fields, valueTexts);
  const withEntities = new Set<Field>();
  for (const field of frame.fields) if (yield* hasEntities(field)) withEntities.add(field);
  if (withEntities.size > 0) {
    yield ',"entities":';
    yield* list(frame.fields, (field) => (withEntities.has(field) ? entityTexts(field) : NULL));
  }
  yield "}}";
}

/** Yields a list whose elements are written by `textsOf`. */
function* list<T>(elements: readonly T[], textsOf: (element: T) => Iterable<string>): Texts {
  let separator = "[";
  for (const element of elements) {
    yield separator;
    yield* textsOf(element);
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}

function* valueTexts(field: Field): Texts {
  if (isNumeric(field)) {
    yield* values(field.values.length, NUMBERS_AT_ONCE, (from, to) => numbersIn(field, from, to));
    return;
  }
  if (field.type === "frame") yield* list(field.values, (one) => (one === null ? NULL : frameTexts(one)));
  else yield* joinedTexts(list<unknown>(field.values, (value) => [JSON.stringify(value) ?? "null"]));
}

/** Joins short texts, so that a caller has fewer steps. */
function* joinedTexts(texts: Iterable<string>): Texts {
  let joined = "";
  for (const text of texts) {
    joined += text;
    if (joined.length < CHARACTERS_AT_ONCE) continue;
    yield joined;
    joined = "";
  }
  yield joined;
}

/** Yields a list of values, some of them at once. `valuesIn` returns the values of some rows, which can be fewer. */
function* values(length: number, atOnce: number, valuesIn: (from: number, to: number) => readonly unknown[]): Texts {
  let separator = "[";
  for (let from = 0; from < length; from += atOnce) {
    const some = valuesIn(from, Math.min(length, from + atOnce));
    if (some.length === 0) {
      yield "";
      continue;
    }
    yield `${separator}${JSON.stringify(some).slice(1, -1)}`;
    separator = ",";
  }
  yield separator === "[" ? "[]" : "]";
}

function numbersIn({ values: all, nulls }: NumericField, from: number, to: number): readonly (number | null)[] {
  const some: (number | null)[] = [];
  // JSON has no text for NaN and infinities: such values become null.
  for (let row = from; row < to; row++) some.push(nulls?.[row] === 1 ? null : all[row]!);
  return some;
}

const isEntity = ({ values: all, nulls }: NumericField, row: number): boolean =>
  !Number.isFinite(all[row]) && nulls?.[row] !== 1;

function* hasEntities(field: Field): Generator<string, boolean, undefined> {
  if (!isNumeric(field)) return false;
  for (let row = 0; row < field.values.length; row++) {
    if (isEntity(field, row)) return true;
    if (row % SEARCHED_AT_ONCE === SEARCHED_AT_ONCE - 1) yield "";
  }
  return false;
}

/** Yields the rows of NaN and infinities in a column. */
function* entityTexts(field: Field): Texts {
  if (!isNumeric(field)) return;
  let separator = "{";
  for (const [name, isKind] of entityKinds) {
    yield `${separator}"${name}":`;
    yield* values(field.values.length, NUMBERS_AT_ONCE, (from, to) => {
      const rows: number[] = [];
      for (let row = from; row < to; row++) if (isEntity(field, row) && isKind(field.values[row]!)) rows.push(row);
      return rows;
    });
    separator = ",";
  }
  yield "}";
}
