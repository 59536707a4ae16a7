import { QueryFailure } from "../query-failure.ts";
import type { TargetFilter } from "./infinity-target.ts";

type Test = (cell: string, values: readonly string[]) => boolean;

const first = (values: readonly string[]): string => values[0] ?? "";
const lower = (text: string): string => text.toLowerCase();

const TEXTS: Readonly<Record<string, Test>> = {
  equals: (cell, values) => cell === first(values),
  contains: (cell, values) => cell.includes(first(values)),
  starswith: (cell, values) => cell.startsWith(first(values)),
  startswith: (cell, values) => cell.startsWith(first(values)),
  endswith: (cell, values) => cell.endsWith(first(values)),
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
function testOf({ operator }: TargetFilter): Test {
  if (Object.hasOwn(NUMBERS, operator)) {
    const compare = NUMBERS[operator]!;
    return (cell, values) => cell.trim() !== "" && compare(Number(cell), Number(first(values)));
  }
  if (operator === "in") return (cell, values) => values.includes(cell);
  if (operator === "notin") return (cell, values) => !values.includes(cell);
  const isNot = operator.startsWith("not");
  const ignoresCase = operator.endsWith("_ignorecase");
  const name = operator.replace(/^not/, "").replace(/_ignorecase$/, "");
  if (!Object.hasOwn(TEXTS, name)) {
    const known = ["equals", "contains", "startswith", "endswith", "in", "notin", ...Object.keys(NUMBERS)].join(", ");
    throw new QueryFailure(400, `the filter "${operator.slice(0, 50)}" is not supported; supported are ${known}`);
  }
  const test = TEXTS[name]!;
  const plain: Test = ignoresCase ? (cell, values) => test(lower(cell), values.map(lower)) : test;
  return isNot ? (cell, values) => !plain(cell, values) : plain;
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
    return (row: R): boolean => test(cell(row), filter.values);
  });
  return (row) => tests.every((test) => test(row));
}
