import { QueryFailure } from "../query-failure.ts";
import type { TargetFilter } from "./infinity-target.ts";

type Test = (cell: string) => boolean;

const TEXTS: Readonly<Record<string, (cell: string, value: string) => boolean>> = {
  equals: (cell, value) => cell === value,
  contains: (cell, value) => cell.includes(value),
  starswith: (cell, value) => cell.startsWith(value),
  startswith: (cell, value) => cell.startsWith(value),
  endswith: (cell, value) => cell.endsWith(value),
};

const NUMBERS: Readonly<Record<string, (cell: number, value: number) => boolean>> = {
  "==": (cell, value) => cell === value,
  "!=": (cell, value) => cell !== value,
  "<": (cell, value) => cell < value,
  "<=": (cell, value) => cell <= value,
  ">": (cell, value) => cell > value,
  ">=": (cell, value) => cell >= value,
};

/** Returns the test of a filter. Throws QueryFailure for an unknown operator, and for regular expressions. */
function testOf({ operator, values }: TargetFilter): Test {
  // Everything that does not depend on the cell is computed once, because a filter may have many values.
  const value = values[0] ?? "";
  if (Object.hasOwn(NUMBERS, operator)) {
    const compare = NUMBERS[operator]!;
    const limit = Number(value);
    return (cell) => cell.trim() !== "" && compare(Number(cell), limit);
  }
  if (operator === "in" || operator === "notin") {
    const listed = new Set(values);
    return (cell) => listed.has(cell) === (operator === "in");
  }
  const isNot = operator.startsWith("not");
  const ignoresCase = operator.endsWith("_ignorecase");
  const name = operator.replace(/^not/, "").replace(/_ignorecase$/, "");
  if (!Object.hasOwn(TEXTS, name)) {
    const known = ["equals", "contains", "startswith", "endswith", "in", "notin", ...Object.keys(NUMBERS)].join(", ");
    throw new QueryFailure(400, `the filter "${operator.slice(0, 50)}" is not supported; supported are ${known}`);
  }
  const test = TEXTS[name]!;
  const wanted = ignoresCase ? value.toLowerCase() : value;
  return (cell) => test(ignoresCase ? cell.toLowerCase() : cell, wanted) !== isNot;
}

/**
 * Returns the function that decides which rows are shown.
 * @param cellOf returns the function that finds a cell of a row by the name of its column
 */
export function rowFilter<R>(
  filters: readonly TargetFilter[],
  cellOf: (field: string) => (row: R) => string,
): (row: R) => boolean {
  const tests = filters.map((filter) => {
    const [test, cell] = [testOf(filter), cellOf(filter.field)];
    return (row: R): boolean => test(cell(row));
  });
  return (row) => tests.every((test) => test(row));
}
