import { readFileSync } from "node:fs";
import { argumentsBehind } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import { rooted, type System } from "./system.ts";
import { execStart, originOf } from "./unit-file.ts";

/** Folders in which packages install units. Units in /etc take precedence. */
export const UNITS_OF_PACKAGES: readonly string[] = ["/usr/lib/systemd/system", "/lib/systemd/system"];

/**
 * Returns the service name of a server in Narthex's packages, such as `narthex-server`. The original programs' packages
 * use other names.
 */
export const packagedName = ({ role }: ServiceRole): string => `narthex-${role}`;

/** The systemd unit of a server that a Narthex package has installed. */
export interface PackagedUnit {
  readonly name: string;
  readonly path: string;
  /** The server's arguments, including those in the package's flags file. */
  readonly args: readonly string[];
  /** The flags file, if this user cannot read it. */
  readonly unreadable: string | undefined;
}

/** Returns the systemd unit that a package has installed for a server, or undefined. */
export function packagedUnit(role: ServiceRole, system: System): PackagedUnit | undefined {
  const name = packagedName(role);
  for (const folder of UNITS_OF_PACKAGES) {
    const path = `${folder}/${name}.service`;
    const unit = contentOf(rooted(system, path));
    if (unit === undefined || originOf(unit) === "foreign") continue;
    const words = argumentsBehind(execStart(unit) ?? [], [role.role]);
    return { name, path, ...withFlagsFiles(words, system) };
  }
  return undefined;
}

/** Replaces each `@FILE` by the flags in the file, which has one flag on each line. */
function withFlagsFiles(words: readonly string[], system: System): Pick<PackagedUnit, "args" | "unreadable"> {
  let unreadable: string | undefined;
  const args = words.flatMap((word) => {
    if (!word.startsWith("@")) return word;
    const path = word.slice(1);
    try {
      const lines = readFileSync(rooted(system, path), "utf8").split("\n");
      return lines.filter((line) => line !== "" && !line.startsWith("#"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") unreadable = path;
      return [];
    }
  });
  return { args, unreadable };
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
