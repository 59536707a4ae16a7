import type { JsonObject } from "../model/field-config.ts";
import { columnOf, stackColumns, typeOfValues } from "./column.ts";
import { type Field, type FieldType, type Frame, isNumeric } from "./frame.ts";
import type { FrameAnswer } from "./frame-answer.ts";
import { FrameFormatError } from "./frame-format-error.ts";
import { listOf, objectOf, readConfig, readLabels, readMeta, textIn } from "./frame-head.ts";
import { runToEnd, type Steps } from "./steps.ts";
import { ownValue } from "../model/json.ts";
import { isDeeperThan, MAX_VALUE_DEPTH } from "../model/json-depth.ts";

/**
 * Rows of a column whose numbers JSON cannot represent (NaN and infinities). Grafana's JSON lists these rows
 * separately, because their values are null.
 */
interface Entities {
  readonly NaN: readonly number[];
  readonly Inf: readonly number[];
  readonly NegInf: readonly number[];
}

/** A frame in the response of `POST /api/ds/query`. */
export interface FrameJson {
  readonly schema: {
    readonly refId?: string;
    readonly name?: string;
    readonly meta?: Frame["meta"];
    readonly fields: readonly JsonObject[];
  };
  readonly data: {
    readonly values: readonly (readonly unknown[])[];
    readonly entities?: readonly (Entities | null)[];
  };
}

/** The response of `POST /api/ds/query`. */
export interface AnswersJson {
  readonly results: Readonly<
    Record<string, { readonly status: number; readonly frames: readonly FrameJson[]; readonly error?: string }>
  >;
}

/**
 * Default limit for the number of cells in frames that are read together. Each column counts with the length of the
 * longest column.
 */
const MAX_CELLS = 50_000_000;

const tooLarge = (fields: number, rows: number): string =>
  `a frame of ${fields} fields and ${rows} rows is too large: ask for less`;

/** Limits the size of frames that are read together. */
export interface FrameLimit {
  /** Counts the cells of a frame before they are created. Throws if the frame exceeds a limit. */
  take(fields: number, rows: number): void;
}

/** Counts the cells of frames that are read together. */
export class FrameCells implements FrameLimit {
  #left: number;
  readonly #problem: (fields: number, rows: number) => string;

  /**
   * @param most the largest number of cells that the frames may have together
   * @param problem returns the error message for the frame that exceeds the limit
   */
  constructor(most = MAX_CELLS, problem = tooLarge) {
    this.#left = most;
    this.#problem = problem;
  }

  /** Subtracts the cells of a frame from the limit. Throws FrameFormatError if the limit is exceeded. */
  take(fields: number, rows: number): void {
    this.#left -= fields * rows;
    if (this.#left < 0) throw new FrameFormatError(this.#problem(fields, rows));
  }
}

/** Largest nesting depth of frames within cells of frames. */
const MAX_NESTING = 4;
/** Number of rows of a column that are read in one step. */
const ROWS_AT_ONCE = 4096;

const goTypes: Readonly<Record<FieldType, string>> = {
  time: "time.Time",
  number: "float64",
  string: "string",
  boolean: "bool",
  json: "json.RawMessage",
  frame: "frame",
};

/** Returns the part of a frame's JSON that describes a column. */
export function fieldSchema(field: Field): JsonObject {
  const { name, type, labels, config } = field;
  const nullable = isNumeric(field) ? field.nulls !== undefined : field.values.includes(null);
  return {
    name,
    type: type === "json" ? "other" : type,
    typeInfo: { frame: goTypes[type], ...(nullable ? { nullable } : {}) },
    ...(labels === undefined ? {} : { labels }),
    ...(Object.keys(config).length === 0 ? {} : { config }),
  };
}

function fieldData(field: Field): { readonly values: readonly unknown[]; readonly entities: Entities | null } {
  if (field.type === "frame") {
    return { values: field.values.map((one) => (one === null ? null : frameToJson(one))), entities: null };
  }
  if (!isNumeric(field)) return { values: field.values, entities: null };
  const entities = { NaN: [] as number[], Inf: [] as number[], NegInf: [] as number[] };
  const values: (number | null)[] = Array.from(field.values);
  let isOdd = false;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (field.nulls?.[row] === 1) values[row] = null;
    else if (!Number.isFinite(value)) {
      entities[entityKinds.find(([, isKind]) => isKind(value))![0]].push(row);
      values[row] = null;
      isOdd = true;
    }
  }
  return { values, entities: isOdd ? entities : null };
}

/** The numbers that JSON cannot represent, in the order in which Grafana's JSON lists them. */
export const entityKinds: readonly (readonly [keyof Entities, (value: number) => boolean])[] = [
  ["NaN", Number.isNaN],
  ["Inf", (value) => value === Infinity],
  ["NegInf", (value) => value === -Infinity],
];

/** Returns the part of a frame's JSON that describes its columns. */
export function frameSchema({ refId, name, meta, fields }: Frame): FrameJson["schema"] {
  return {
    ...(refId === undefined ? {} : { refId }),
    ...(name === undefined ? {} : { name }),
    ...(meta === undefined ? {} : { meta }),
    fields: fields.map(fieldSchema),
  };
}

/** Returns the JSON of a frame, as Grafana's clients read it. */
export function frameToJson(frame: Frame): FrameJson {
  const columns = frame.fields.map(fieldData);
  return {
    schema: frameSchema(frame),
    data: {
      values: columns.map(({ values }) => values),
      ...(columns.some(({ entities }) => entities !== null)
        ? { entities: columns.map(({ entities }) => entities) }
        : {}),
    },
  };
}

/** Returns the type of a column: from the schema, otherwise from its first value. */
function typeOf(schema: JsonObject, values: readonly unknown[]): FieldType {
  const declaredType = ownValue(schema, "type");
  if (
    declaredType === "time" ||
    declaredType === "number" ||
    declaredType === "string" ||
    declaredType === "boolean" ||
    declaredType === "frame"
  )
    return declaredType;
  if (declaredType === "nestedFrames") return "frame";
  if (declaredType === "enum") return "string";
  if (declaredType === "other" || declaredType === "trace" || declaredType === "geo") return "json";
  const name = textIn(schema, "name")?.toLowerCase();
  if (name === "time" || name === "date") return "time";
  return typeOfValues(values);
}

const entityValues: readonly (readonly [string, number])[] = [
  ["NaN", NaN],
  ["Inf", Infinity],
  ["NegInf", -Infinity],
];

function* withEntities(values: unknown[], entities: JsonObject): Steps<void> {
  for (const [key, number] of entityValues) {
    for (const [at, row] of listOf(ownValue(entities, key)).entries()) {
      if (isStepEnd(at)) yield;
      if (typeof row === "number" && Number.isInteger(row) && row >= 0 && row < values.length) values[row] = number;
    }
  }
}

const isStepEnd = (row: number): boolean => row % ROWS_AT_ONCE === ROWS_AT_ONCE - 1;

/** Replaces the numbers of an enumeration column by their texts, in place. */
function* enumTexts(values: unknown[], schema: JsonObject): Steps<void> {
  const texts = listOf(
    ownValue(objectOf(ownValue(objectOf(ownValue(objectOf(ownValue(schema, "config")), "type")), "enum")), "text"),
  );
  for (let row = 0; row < values.length; row++) {
    if (isStepEnd(row)) yield;
    const value = values[row];
    if (typeof value === "number") values[row] = texts[value] ?? null;
  }
}

function* nestedFrames(values: readonly unknown[], nesting: number, limit: FrameLimit): Steps<(Frame | null)[]> {
  const frames: (Frame | null)[] = [];
  for (const [row, value] of values.entries()) {
    if (isStepEnd(row)) yield;
    // Reads only the first of the frames in a table cell, because table panels draw only the first one.
    const json = Array.isArray(value) ? (value as unknown[])[0] : value;
    frames.push(json === null || json === undefined ? null : yield* readFrame(json, nesting, limit));
  }
  return frames;
}

/** A column in the JSON of a frame. Missing values at the end are null. */
interface ColumnJson {
  readonly schema: JsonObject;
  readonly given: readonly unknown[];
  readonly entities: JsonObject;
  readonly at: number;
  readonly length: number;
}

/** Throws FrameFormatError if a part of a schema is nested so deeply that the frame could not be written. */
function checkDepth(part: unknown): void {
  if (isDeeperThan(MAX_VALUE_DEPTH, part))
    throw new FrameFormatError(`the schema of a frame has more than ${MAX_VALUE_DEPTH} levels: give it fewer`);
}

function* readColumn(column: ColumnJson, nesting: number, limit: FrameLimit): Steps<Field> {
  const { schema, given, entities, at, length } = column;
  checkDepth(schema);
  const type = typeOf(schema, given);
  const values: unknown[] = [];
  for (let row = 0; row < length; row++) {
    if (isStepEnd(row)) yield;
    values.push(given[row] ?? null);
  }
  yield* withEntities(values, entities);
  if (ownValue(schema, "type") === "enum") yield* enumTexts(values, schema);
  const head = {
    name: textIn(schema, "name") ?? `Field ${at + 1}`,
    labels: readLabels(ownValue(schema, "labels")),
    config: readConfig(ownValue(schema, "config")),
  };
  if (type === "frame") return columnOf(head, type, yield* nestedFrames(values, nesting + 1, limit));
  const first = columnOf(head, type, values.slice(0, ROWS_AT_ONCE));
  const rest: Field[] = [];
  for (let from = ROWS_AT_ONCE; from < length; from += ROWS_AT_ONCE) {
    yield;
    rest.push(columnOf(head, type, values.slice(from, from + ROWS_AT_ONCE)));
  }
  return stackColumns([first, ...rest]);
}

function* readFrame(json: unknown, nesting: number, limit: FrameLimit): Steps<Frame> {
  if (nesting > MAX_NESTING) throw new FrameFormatError("frames are nested too deeply");
  const schema = objectOf(ownValue(objectOf(json), "schema"));
  const schemas = ownValue(schema, "fields");
  if (!Array.isArray(schemas)) throw new FrameFormatError('a frame has no list "schema.fields"');
  const data = objectOf(ownValue(objectOf(json), "data"));
  const columns = listOf(ownValue(data, "values")).map(listOf);
  const entities = listOf(ownValue(data, "entities"));
  const length = columns.slice(0, schemas.length).reduce((most, values) => Math.max(most, values.length), 0);
  limit.take(schemas.length, length);
  const refId = textIn(schema, "refId");
  const name = textIn(schema, "name");
  checkDepth(ownValue(schema, "meta"));
  const meta = readMeta(ownValue(schema, "meta"));
  const fields: Field[] = [];
  for (const [at, one] of (schemas as unknown[]).entries()) {
    const column = { schema: objectOf(one), given: columns[at] ?? [], entities: objectOf(entities[at]), at, length };
    fields.push(yield* readColumn(column, nesting, limit));
    yield;
  }
  return {
    ...(refId === undefined ? {} : { refId }),
    ...(name === undefined ? {} : { name }),
    length,
    fields,
    ...(meta === undefined ? {} : { meta }),
  };
}

/**
 * Reads a frame in steps from the JSON that Grafana's servers and data sources write. Values of a wrong type are left
 * out or become null. Ignores fractions of milliseconds (`nanos`). Throws FrameFormatError if the frame has no schema
 * or is nested too deeply, and what `limit` throws.
 * @param limit limits the size of frames that are read together
 */
export const frameSteps = (json: unknown, limit: FrameLimit): Steps<Frame> => readFrame(json, 0, limit);

/** Reads a frame as frameSteps() does, without a pause. Throws FrameFormatError if the frame is too large. */
export const frameFromJson = (json: unknown, limit: FrameLimit = new FrameCells()): Frame =>
  runToEnd(frameSteps(json, limit));

/** Returns the response body of `POST /api/ds/query`. */
export function answersToJson(answers: ReadonlyMap<string, FrameAnswer>): AnswersJson {
  return {
    results: Object.fromEntries(
      [...answers].map(([refId, { status, frames, error }]) => [
        refId,
        { status, frames: frames.map(frameToJson), ...(error === undefined ? {} : { error }) },
      ]),
    ),
  };
}
