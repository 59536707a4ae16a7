import { readFileSync } from "node:fs";
import { rooted, type System } from "../../service/system.ts";

/** Returns the name of a user of the machine. If the user has no name, returns the user id as text. */
export function userName(uid: number, system: System): string {
  const found = entries("/etc/passwd", system).find(([, , id]) => id === String(uid));
  return found?.[0] ?? String(uid);
}

/** Reports whether the machine has a permanent user, or a permanent group, of this name. */
export const hasEntry = (file: "/etc/passwd" | "/etc/group", name: string, system: System): boolean =>
  entries(file, system).some(([first]) => first === name);

function entries(file: string, system: System): readonly (readonly string[])[] {
  try {
    const text = readFileSync(rooted(system, file), "utf8");
    return text.split("\n").map((line) => line.split(":"));
  } catch {
    return [];
  }
}
