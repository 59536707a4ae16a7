import { markdownTable } from "../markdown-table.ts";
import { DOOR_TABLE } from "./door-table.ts";

/** Returns Markdown tables of all entry points for bytes from outside, one for each program. */
export function doorTables(): string {
  const roles = [...new Set(DOOR_TABLE.map(({ role }) => role))];
  return roles
    .map((role) => {
      const rows = DOOR_TABLE.filter((row) => row.role === role).map(({ door, limits, beyond }) => [
        door,
        limits.map(({ limit }) => limit).join("; "),
        beyond,
      ]);
      return `## ${role[0]!.toUpperCase()}${role.slice(1)}\n\n${markdownTable(["what enters", "limits", "beyond"], rows)}`;
    })
    .join("\n");
}
