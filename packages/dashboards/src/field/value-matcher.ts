import { type Field, valueAt } from "../frame/frame.ts";
import { objectOf } from "../frame/frame-head.ts";
import { ownValue } from "../model/json.ts";
import type { Matcher } from "../model/field-config.ts";
import { compileExpression } from "../pattern/user-pattern.ts";
import { textOf } from "../frame/column.ts";

/** Function that reports whether a matcher selects a row, by the value of a field in it. */
export type ValueTest = (field: Field, row: number) => boolean;

/** Compares like JavaScript's `==`: "5" and 5 are equal. */
function looselyEqual(value: unknown, option: unknown): boolean {
  if (value === option) return true;
  if (value === null || option === null || option === undefined) return value === (option ?? null);
  if (typeof value === "string" && typeof option === "string") return false;
  return typeof value !== "object" && typeof option !== "object" && Number(value) === Number(option);
}

/**
 * Converts a text to a number as JavaScript does, and null to zero. Objects become NaN, because Number() would call
 * their `toString`, which dashboard JSON may define.
 */
const numberFrom = (value: unknown): number =>
  typeof value === "object" && value !== null ? Number.NaN : Number(value);

/**
 * Returns the number in a row for a comparison. A null counts as zero. Returns undefined for a value that is not a
 * number, and for a cell that a join left empty.
 */
function numberAt(field: Field, row: number): number | undefined {
  if (field.absent?.[row] === 1) return undefined;
  const number = numberFrom(valueAt(field, row));
  return Number.isNaN(number) ? undefined : number;
}

const compared =
  (option: unknown, holds: (value: number, option: number) => boolean): ValueTest =>
  (field, row) => {
    const value = numberAt(field, row);
    return value !== undefined && holds(value, numberFrom(option ?? NaN));
  };

const bound = (value: unknown): number => (typeof value === "number" ? value : Number.parseInt(textOf(value), 10));

function contains(option: unknown, wanted: boolean): ValueTest {
  const text = typeof option === "string" ? option.toLowerCase() : "";
  return (field, row) => {
    const value = valueAt(field, row);
    if (text === "" || typeof value !== "string" || value === "") return wanted && option === "";
    return value.toLowerCase().includes(text) === wanted;
  };
}

function matches(option: unknown): ValueTest {
  const pattern = typeof option === "string" ? compileExpression(option) : undefined;
  return (field, row) => {
    const value = valueAt(field, row);
    return value !== null && pattern?.test(textOf(value)) === true;
  };
}

/** Compiles a matcher of values. Returns undefined for an unknown matcher. Options of a wrong type select nothing. */
export function compileValueMatcher(matcher: Matcher): ValueTest | undefined {
  const options = objectOf(matcher.options);
  const value = ownValue(options, "value");
  switch (matcher.id) {
    case "isNull":
      return (field, row) => valueAt(field, row) === null;
    case "isNotNull":
      return (field, row) => valueAt(field, row) !== null;
    case "greater":
      return compared(value, (a, b) => a > b);
    case "greaterOrEqual":
      return compared(value, (a, b) => a >= b);
    case "lower":
      return compared(value, (a, b) => a < b);
    case "lowerOrEqual":
      return compared(value, (a, b) => a <= b);
    case "between": {
      const [from, to] = [bound(ownValue(options, "from")), bound(ownValue(options, "to"))];
      return compared(0, (a) => a > from && a < to);
    }
    case "equal":
      return (field, row) => looselyEqual(valueAt(field, row), value);
    case "notEqual":
      return (field, row) => !looselyEqual(valueAt(field, row), value);
    case "substring":
      return contains(value, true);
    case "notSubstring":
      return contains(value, false);
    case "regex":
      return matches(value);
    default:
      return undefined;
  }
}
