import { jsonString } from "@narthex/template";
import type { Session } from "./session.ts";
import { table } from "./table.ts";

/** Prints a response of the API in the format of --output. With JSON, prints the response itself on one line. */
export function printAnswer(
  session: Session,
  answer: unknown,
  rows: { readonly simple: () => string[][]; readonly extended: () => string[][] },
): void {
  const { output } = session.settings;
  if (output === "json") session.print(goJsonLine(answer));
  else session.host.stdout(table(rows[output]()));
}

/** Returns a value as JSON on one line, with `<`, `>` and `&` in strings escaped as in Go's encoder. */
export function goJsonLine(value: unknown): string {
  if (typeof value === "string") return jsonString(value);
  if (Array.isArray(value)) return `[${value.map(goJsonLine).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${jsonString(name)}:${goJsonLine(member)}`);
  return `{${members.join(",")}}`;
}
