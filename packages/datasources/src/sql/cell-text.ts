import { type Field, valueAt } from "@narthex/dashboards";

export function cellText(field: Field, row: number): string | null {
  const cell = valueAt(field, row);
  if (typeof cell === "string") return cell;
  return typeof cell === "number" || typeof cell === "boolean" ? String(cell) : null;
}
