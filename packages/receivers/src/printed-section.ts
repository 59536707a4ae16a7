import type { Printable } from "@narthex/config";

type PrintableMap = Extract<Printable, { readonly entries: unknown }>;

export const isPrintedMap = (value: Printable): value is PrintableMap =>
  typeof value === "object" && value !== null && "entries" in value;

/** Returns a member of a mapping (by name) or list (by index) that is ready to be printed. */
export function printedMember(value: Printable, part: string): Printable | undefined {
  if (isPrintedMap(value)) return value.entries.find(([name]) => name === part)?.[1];
  if (typeof value !== "object" || value === null || !/^\d+$/.test(part)) return undefined;
  return value.items[Number(part)];
}
