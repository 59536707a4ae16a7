import { textOf } from "../frame/column.ts";

/**
 * Compares a value with an option of a matcher, as Grafana does: `==` and `!=` compare texts, and null is the text
 * "null".
 */
export function compareValues(value: unknown, operator: string, option: unknown): boolean {
  const left = value ?? "null";
  const right = option ?? "null";
  const isNull = value === null || value === undefined || option === null || option === undefined;
  switch (isNull && (operator === ">=" || operator === "<=") ? "==" : operator) {
    case "==":
      return textOf(left) === textOf(right);
    case "!=":
      return textOf(left) !== textOf(right);
    case ">":
      return (left as number) > (right as number);
    case ">=":
      return (left as number) >= (right as number);
    case "<":
      return (left as number) < (right as number);
    case "<=":
      return (left as number) <= (right as number);
    default:
      return false;
  }
}
