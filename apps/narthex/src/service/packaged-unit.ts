import { readFileSync } from "node:fs";
import { argumentsBehind } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import { rooted, type System } from "./system.ts";
import { execStart, originOf } from "./unit-file.ts";

/** Where packages lay down their units; those of /etc count before them. */
export const UNITS_OF_PACKAGES: readonly string[] = ["/usr/lib/systemd/system", "/lib/systemd/system"];

/** The name that packages of Narthex give a role's service: those of the originals have the original's name. */
export const packagedName = ({ role }: ServiceRole): string => `narthex-${role}`;

/** A role's unit that a package of Narthex brought. */
export interface PackagedUnit {
  readonly name: string;
  readonly path: string;
  /** The role's arguments, those of its file of flags too. */
  readonly args: readonly string[];
}

/** The unit that a package brought for a role; undefined where there is none. */
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

/** A file of flags has one in each line. */
const flagsIn = (path: string, system: System): readonly string[] =>
  (contentOf(rooted(system, path)) ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));

/** Undefined where there is no such file, or none that this user may read: nothing is told of what is in it then. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
