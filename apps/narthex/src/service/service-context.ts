import { CommandError } from "../command-line/command.ts";
import { ALL_ROLES, roleNamed, SERVICE_ROLES, type ServiceRole } from "./roles.ts";
import type { ServiceManager } from "./service-manager.ts";
import type { System } from "./system.ts";

export interface ServiceContext {
  readonly system: System;
  readonly managers: readonly ServiceManager[];
}

/**
 * Returns the init system of this platform, even if it does not run. Throws CommandError if the platform is not
 * supported.
 */
export function managerOf({ system, managers }: ServiceContext): ServiceManager {
  const found = managers.find(({ platform }) => platform === system.platform);
  if (found === undefined)
    throw new CommandError(
      `services are not supported on ${system.platform}; start \`narthex up\` or a role in the foreground with a service manager of this system`,
    );
  return found;
}

/** Returns the servers with these names, without duplicates. Throws CommandError for an unknown name. */
export function rolesNamed(words: readonly string[], all: readonly ServiceRole[] = ALL_ROLES): readonly ServiceRole[] {
  const roles = words.flatMap((word) => {
    if (word === "all") return all;
    const role = roleNamed(word);
    if (role === undefined)
      throw new CommandError(
        `the role "${word}" does not exist; choose one of ${SERVICE_ROLES.map(({ role: name }) => name).join(", ")} and all`,
      );
    return [role];
  });
  return [...new Set(roles)];
}

/**
 * Returns the servers that the word `all` means in commands that inspect or remove services: ALL_ROLES and other
 * installed servers.
 */
export const allRoles = (manager: ServiceManager, system: System): readonly ServiceRole[] =>
  SERVICE_ROLES.filter((role) => ALL_ROLES.includes(role) || manager.installed(role, system) !== undefined);
