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
}

/** Returns the systemd unit that a package has installed for a server, or undefined. */
export function packagedUnit(role: ServiceRole, system: System): PackagedUnit | undefined {
  const name = packagedName(role);
  for (const folder of UNITS_OF_PACKAGES) {
    const path = `${folder}/${name}.service`;
    const unit = contentOf(rooted(system, path));
    if (unit === undefined || originOf(unit) === "foreign") continue;
    const words = argumentsBehind(execStart(unit) ?? [], [role.role]);
    return {
      name,
      path,
      args: words.flatMap((word) => (word.startsWith("@") ? flagsIn(word.slice(1), system) : word)),
    };
  }
  return undefined;
}

/** Returns the flags in a file of flags, which has one flag on each line. */
const flagsIn = (path: string, system: System): readonly string[] =>
  (contentOf(rooted(system, path)) ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
