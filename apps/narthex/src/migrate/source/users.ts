import { readFileSync } from "node:fs";
import { rooted, type System } from "../../service/system.ts";

/** Returns the name of a user of the machine. If the user has no name, returns the user id as text. */
export function userName(uid: number, system: System): string {
  const found = passwd(system).find(([, , id]) => id === String(uid));
  return found?.[0] ?? String(uid);
}

function passwd(system: System): readonly (readonly string[])[] {
  try {
    const text = readFileSync(rooted(system, "/etc/passwd"), "utf8");
    return text.split("\n").map((line) => line.split(":"));
  } catch {
    return [];
  }
}
