import { compareBytewise } from "@narthex/model";
import { sprintf } from "./printf.ts";
import { FunctionError } from "./problem.ts";
import { entriesOf, isFunction, itemsOf, textOf, TrustedText, typeName, type Value } from "./value.ts";
import { GoDuration } from "./duration.ts";
import { GoTime } from "./time.ts";

type Kind = "bool" | "float" | "int" | "string" | "other";

function kindOf(value: Value): Kind {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "number":
      return "float";
    case "bigint":
      return "int";
    case "string":
      return "string";
  }
  if (value instanceof TrustedText) return "string";
  return value instanceof GoDuration ? "int" : "other";
}

const isNil = (value: Value): boolean => value === null || value === undefined;

const badKinds = (a: Value, b: Value): FunctionError =>
  new FunctionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);

/**
 * Returns the text or number of a value whose Go type has a name, such as time.Duration, for comparisons. Other values
 * are unchanged.
 */
function plain(value: Value): Value {
  if (value instanceof TrustedText) return value.text;
  return value instanceof GoDuration ? value.nanoseconds : value;
}

/** Compares two values like `eq` in Go's templates. Throws FunctionError for types that cannot be compared. */
export function equals(a: Value, b: Value): boolean {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) {
    if (isNil(a) || isNil(b)) return false;
    throw badKinds(a, b);
  }
  if (kindA !== "other") return plain(a) === plain(b);
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  if (a instanceof GoTime && b instanceof GoTime) return a.unixNanos === b.unixNanos && a.zone === b.zone;
  if (itemsOf(b) !== undefined || entriesOf(b) !== undefined || isFunction(b) || textOf(b) === undefined) {
    throw new FunctionError(`non-comparable type ${sprintf("%s", [b])}: ${typeName(b)}`);
  }
  return a === b;
}

/** Compares two values like `lt` in Go's templates. Throws FunctionError for types without an order. */
export function isLess(a: Value, b: Value): boolean {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) throw badKinds(a, b);
  if (kindA === "bool" || kindA === "other") {
    throw new FunctionError("invalid type for comparison");
  }
  const [x, y] = [plain(a), plain(b)];
  if (typeof x === "string") return compareBytewise(x, y as string) < 0;
  return (x as bigint | number) < (y as bigint | number);
}
