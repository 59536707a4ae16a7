import { existsSync } from "node:fs";
import { rooted, type System } from "./system.ts";

/** A name beside a file, for what is in it, that no file has. */
export function keptCopy(path: string, system: System): string {
  for (let i = 0; ; i++) {
    const copy = `${path}.old${i === 0 ? "" : `.${i}`}`;
    if (!existsSync(rooted(system, copy))) return copy;
  }
}
