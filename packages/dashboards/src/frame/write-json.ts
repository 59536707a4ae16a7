import { type Field, type Frame, isNumeric, type NumericField } from "./frame.ts";
import type { FrameAnswer } from "./frame-answer.ts";
import { entityKinds, frameSchema, frameToJson } from "./frame-json.ts";

type Texts = Generator<string, void, undefined>;

/** Number of values that are converted to text at once. Texts and nested frames can be longer than numbers. */
const [NUMBERS_AT_ONCE, OTHERS_AT_ONCE] = [4096, 512];

/**
 * Yields the response body of `POST /api/ds/query` in pieces, so that a large body is never in memory as a whole. The
 * joined pieces are equal to `JSON.stringify(answersToJson(answers))`.
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
  yield `{"schema":${JSON.stringify(frameSchema(frame))},"data":{"values":`;
  yield* list(frame.fields, valueTexts);
  if (frame.fields.some(hasEntities)) {
    yield ',"entities":';
    yield* list(frame.fields, entityTexts);
  }
  yield "}}";
}

/** Yields a list whose elements are written by `textsOf`. */
function* list<T>(elements: readonly T[], textsOf: (element: T) => Texts): Texts {
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
  const valuesIn = (from: number, to: number): readonly unknown[] => field.values.slice(from, to);
  const framesIn = (from: number, to: number): readonly unknown[] =>
    field.type === "frame" ? field.values.slice(from, to).map((one) => (one === null ? null : frameToJson(one))) : [];
  yield* values(field.values.length, OTHERS_AT_ONCE, field.type === "frame" ? framesIn : valuesIn);
}

/** Yields a list of values, some of them at once. `valuesIn` returns the values of some rows, which can be fewer. */
function* values(length: number, atOnce: number, valuesIn: (from: number, to: number) => readonly unknown[]): Texts {
  let separator = "[";
  for (let from = 0; from < length; from += atOnce) {
    const some = valuesIn(from, Math.min(length, from + atOnce));
    if (some.length === 0) continue;
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

function hasEntities(field: Field): boolean {
  if (!isNumeric(field)) return false;
  for (let row = 0; row < field.values.length; row++) if (isEntity(field, row)) return true;
  return false;
}

/** Yields the rows of NaN and infinities in a column. Yields null if all its numbers are finite. */
function* entityTexts(field: Field): Texts {
  if (!isNumeric(field) || !hasEntities(field)) {
    yield "null";
    return;
  }
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
