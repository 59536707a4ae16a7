import { type Field, valueAt } from "@narthex/dashboards";

/** Returns a cell of a result as a text, or null. */
export function cellText(field: Field, row: number): string | null {
  const cell = valueAt(field, row);
  if (typeof cell === "string") return cell;
  return typeof cell === "number" || typeof cell === "boolean" ? String(cell) : null;
}
