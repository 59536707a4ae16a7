import type { OrgRole } from "@narthex/http";
import { isRole } from "../auth/levels.ts";

/** A row of a table of Grafana's database, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** Returns a column's text. Depending on the driver, the column contains it as text or as bytes. */
export const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value instanceof Uint8Array ? Buffer.from(value).toString() : "";

/** Reports whether a column is true. Depending on the driver, the column contains a number or a text. */
export const isTrue = (value: unknown): boolean => value === 1 || value === "1" || value === "true";

/** Returns the role in a column, or None for an unknown one. */
export function roleOf(value: unknown): OrgRole {
  const text = textOf(value);
  return isRole(text) ? text : "None";
}
