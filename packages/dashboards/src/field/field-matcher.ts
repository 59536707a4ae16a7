import { FieldNames } from "../display/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { listOf, objectOf } from "../frame/frame-head.ts";
import { ownValue } from "../model/json.ts";
import type { Matcher } from "../model/field-config.ts";
import { compileUserPattern } from "../pattern/user-pattern.ts";
import { reduceTo } from "../reduce/reduce-field.ts";
import { compareValues } from "./compare-values.ts";

/** Function that reports whether a matcher selects a field of a frame. */
export type FieldTest = (field: Field, frame: Frame) => boolean;

/** Largest nesting depth of matchers. */
const MAX_DEPTH = 8;

const never: FieldTest = () => false;

const textsOf = (value: unknown): string[] => listOf(value).filter((one) => typeof one === "string");

/** Matches fields by their own names or by their displayed names. */
function byNames(wanted: ReadonlySet<string>, names: FieldNames): FieldTest {
  // The old names `Time` and `Value` match any time column or value column, because data sources have renamed these
  // columns, and saved panels may contain the old names.
  const anyTime = wanted.has("Time") || wanted.has("time");
  const anyValue = wanted.has("Value");
  return (field, frame) =>
    wanted.has(field.name) ||
    wanted.has(names.nameOf(field, frame)) ||
    (anyValue
      ? field.labels !== undefined && ownValue(field.labels, "__name__") === field.name
      : anyTime && field.type === "time");
}

function byRegexp(pattern: unknown, names: FieldNames): FieldTest {
  const compiled = typeof pattern === "string" && pattern !== "" ? compileUserPattern(pattern) : undefined;
  return compiled === undefined ? never : (field, frame) => compiled.test(names.nameOf(field, frame));
}

function byValue(options: unknown): FieldTest {
  const { reducer, op, value } = objectOf(options);
  if (typeof reducer !== "string") return never;
  return (field) => {
    const result = reduceTo(field, reducer);
    if (reducer === "allIsZero" || reducer === "allIsNull") return result === true;
    return compareValues(result, typeof op === "string" ? op : "==", value);
  };
}

type Build = (options: unknown, names: FieldNames, depth: number) => FieldTest | undefined;

const parts = (options: unknown, names: FieldNames, depth: number): (FieldTest | undefined)[] =>
  listOf(options).map((one) => build(one, names, depth + 1));

const tests = new Map<string, Build>([
  ["byName", (options, names) => (typeof options === "string" ? byNames(new Set([options]), names) : never)],
  [
    "byNames",
    (options, names) => {
      const test = byNames(new Set(textsOf(ownValue(objectOf(options), "names"))), names);
      return ownValue(objectOf(options), "mode") === "exclude" ? (field, frame) => !test(field, frame) : test;
    },
  ],
  ["byRegexp", byRegexp],
  [
    "byRegexpOrNames",
    (options, names) => {
      const pattern = byRegexp(ownValue(objectOf(options), "pattern"), names);
      const listed = byNames(new Set(textsOf(ownValue(objectOf(options), "names"))), names);
      return (field, frame) => listed(field, frame) || pattern(field, frame);
    },
  ],
  ["byType", (type) => (field) => typeNames(field).includes(type as string)],
  ["byTypes", (options) => (field) => typeNames(field).some((type) => textsOf(options).includes(type))],
  ["byFrameRefID", (refId) => (_, frame) => frame.refId === refId],
  ["byValue", byValue],
  ["numeric", () => (field) => field.type === "number"],
  ["time", () => (field) => field.type === "time"],
  ["first", () => (field, frame) => field === frame.fields[0]],
  ["firstTimeField", () => (field, frame) => field === frame.fields.find(({ type }) => type === "time")],
  ["alwaysMatch", () => () => true],
  ["neverMatch", () => never],
  [
    "anyMatch",
    (options, names, depth) => {
      const all = parts(options, names, depth);
      return (field, frame) => all.some((test) => test?.(field, frame) === true);
    },
  ],
  [
    "allMatch",
    (options, names, depth) => {
      const all = parts(options, names, depth);
      return (field, frame) => all.every((test) => test?.(field, frame) === true);
    },
  ],
  [
    "invertMatch",
    (options, names, depth) => {
      const test = build(options, names, depth + 1);
      return test === undefined ? undefined : (field, frame) => !test(field, frame);
    },
  ],
]);

/** Returns the names that Grafana uses for a field's type. */
const typeNames = ({ type }: Field): readonly string[] =>
  type === "json" ? ["other", "json"] : type === "frame" ? ["frame", "nestedFrames"] : [type];

function build(matcher: unknown, names: FieldNames, depth: number): FieldTest | undefined {
  const { id, options } = objectOf(matcher);
  return typeof id !== "string" || depth > MAX_DEPTH ? undefined : tests.get(id)?.(options, names, depth);
}

/**
 * Compiles a field matcher for frames that are shown together. Returns undefined for an unknown matcher. Options of a
 * wrong type select nothing.
 */
export const compileFieldMatcher = (
  matcher: Matcher,
  frames: readonly Frame[],
  names: FieldNames = new FieldNames(frames),
): FieldTest | undefined => build(matcher, names, 0);
