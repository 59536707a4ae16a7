import { FieldNames } from "../display/field-name.ts";
import { columnOfAny, typeOfValues } from "../frame/column.ts";
import { type Field, type Frame, valueAt } from "../frame/frame.ts";
import { valueAtPath } from "../model/json.ts";
import { type Extractor, extractorOf, pathKeys } from "./field-extractors.ts";
import type { Options } from "./options.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";

const MAX_FIELDS = 5000;

/** A path of keys in JSON, and the name of the column for the values there. */
interface JsonPath {
  readonly name: string;
  readonly keys: readonly string[];
}

function pathsOf(options: Options): JsonPath[] {
  if (options.text("format") !== "json") return [];
  return options.parts("jsonPaths").flatMap((path) => {
    const text = path.text("path") ?? "";
    return path.has("path") ? [{ name: path.text("alias") ?? text, keys: pathKeys(text) }] : [];
  });
}

/** Extracts the named values in a cell. */
function entriesOf(
  value: unknown,
  extract: Extractor,
  paths: readonly JsonPath[],
): Iterable<readonly [string, unknown]> {
  if (paths.length > 0) {
    const whole = typeof value === "string" ? parsed(value) : value;
    return paths.map(({ name, keys }) => [name, valueAtPath(whole, keys) ?? "Not Found"] as const);
  }
  if (typeof value === "string") return extract(value) ?? [];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function extract(frame: Frame, source: Field, options: Options, run: TransformRun): Frame {
  const extractor = extractorOf(options);
  const paths = pathsOf(options);
  const columns = new Map<string, unknown[]>();
  for (let row = 0; row < frame.length; row++) {
    for (const [name, value] of entriesOf(valueAt(source, row), extractor, paths)) {
      let column = columns.get(name);
      if (column === undefined) {
        if (columns.size >= MAX_FIELDS)
          throw new TransformationError(`the result would have more than ${MAX_FIELDS} columns`);
        run.claim(frame.length, 1);
        columns.set(name, (column = Array<unknown>(frame.length).fill(null)));
      }
      column[row] = value;
    }
  }
  const fields: Field[] = [...columns].map(([name, values]) => columnOfAny({ name }, typeOfValues(values), values));
  const time = frame.fields.find(({ name }) => name === "Time" || name === "time");
  if (options.flag("keepTime") && time !== undefined) {
    run.claim(frame.length, 1);
    fields.unshift(time);
  }
  return { ...frame, fields: options.flag("replace") ? fields : [...frame.fields, ...fields] };
}

export const extractFields: TransformationKind = {
  id: "extractFields",
  name: "Extract fields",
  description: "Make columns of what texts hold: JSON, pairs of names and values, lists, groups of an expression",
  defaultOptions: { delimiter: "," },
  apply: (frames, options, run) => {
    const wanted = options.text("source");
    if (wanted === undefined) return frames;
    const names = new FieldNames(frames);
    return frames.map((frame) => {
      const source = frame.fields.find((field) => field.name === wanted || names.nameOf(field, frame) === wanted);
      return source === undefined ? frame : extract(frame, source, options, run);
    });
  },
};
