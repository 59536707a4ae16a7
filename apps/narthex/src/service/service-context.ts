import { CommandError } from "../command-line/command.ts";
import { ALL_ROLES, roleNamed, SERVICE_ROLES, type ServiceRole } from "./roles.ts";
import type { ServiceManager } from "./service-manager.ts";
import type { System } from "./system.ts";

/** What commands on services work with. */
export interface ServiceContext {
  readonly system: System;
  readonly managers: readonly ServiceManager[];
}

/** The init system of this platform, which may not be running. Throws CommandError where none is known. */
export function managerOf({ system, managers }: ServiceContext): ServiceManager {
  const found = managers.find(({ platform }) => platform === system.platform);
  if (found === undefined)
    throw new CommandError(
      `no init system of ${system.platform} is known; \`narthex up\` and each role run in the foreground of whatever starts programs here`,
    );
  return found;
}

/** The roles that words name, each once. Throws CommandError where a word names none. */
export function rolesNamed(words: readonly string[], all: readonly ServiceRole[] = ALL_ROLES): readonly ServiceRole[] {
  const roles = words.flatMap((word) => {
    if (word === "all") return all;
    const role = roleNamed(word);
    if (role === undefined)
      throw new CommandError(
        `no role is called "${word}"; choose among ${SERVICE_ROLES.map(({ role: name }) => name).join(", ")} and all`,
      );
    return [role];
  });
  return [...new Set(roles)];
}

/** What `all` stands for where services are looked at or removed: one that is installed beyond the usual ones as well. */
export const allRoles = (manager: ServiceManager, system: System): readonly ServiceRole[] =>
  SERVICE_ROLES.filter((role) => ALL_ROLES.includes(role) || manager.installed(role, system) !== undefined);
