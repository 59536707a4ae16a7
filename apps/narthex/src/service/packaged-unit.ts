import { readFileSync } from "node:fs";
import { argumentsBehind } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import { rooted, type System } from "./system.ts";
import { execStart, originOf } from "./unit-file.ts";

/** Folders in which packages install units. Units in /etc take precedence. */
export const UNITS_OF_PACKAGES: readonly string[] = ["/usr/lib/systemd/system", "/lib/systemd/system"];

/** Returns the name of a role's service in packages of Narthex. Packages of the originals use the original's name. */
export const packagedName = ({ role }: ServiceRole): string => `narthex-${role}`;

/** The unit of a role that a package of Narthex has installed. */
export interface PackagedUnit {
  readonly name: string;
  readonly path: string;
  /** The role's arguments, including those in the package's file of flags. */
  readonly args: readonly string[];
}

/** Returns the unit that a package has installed for a role. Undefined if packages have not installed one. */
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

/** Returns the text of a file. Undefined if the file does not exist or this user cannot read it. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
