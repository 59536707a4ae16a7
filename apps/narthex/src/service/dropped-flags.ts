import type { RoleArguments } from "./role-arguments.ts";
import type { RoleFolders, ServiceRole } from "./roles.ts";
import { shellCommand } from "./shell-words.ts";

/**
 * The arguments of a service: the arguments of the installed service, the arguments that the user gives now, and the
 * new arguments.
 */
interface ArgumentChange {
  readonly installed: RoleArguments;
  readonly given: RoleArguments;
  readonly next: RoleArguments;
  readonly folders: RoleFolders;
}

/**
 * Returns the message about flags of the installed service that the user has not given again. Returns undefined if
 * `dropped` is empty.
 */
export function droppedSentence(role: ServiceRole, dropped: readonly string[]): string | undefined {
  if (dropped.length === 0) return undefined;
  return `${role.name}: the given flags replace the installed ones; these are no longer set: ${shellCommand(dropped)}`;
}

/**
 * Returns the message for a service that would start with another, empty data folder although the user has not
 * requested this with a flag. Returns undefined if the folder stays the same, or if the user has given the flag.
 */
export function dataFolderProblem(role: ServiceRole, change: ArgumentChange): string | undefined {
  const { installed, given, next, folders } = change;
  const now = role.writes(next, folders).map(({ path }) => path);
  const left = role
    .writes(installed, folders)
    .find(({ path, flag }) => !now.includes(path) && !given.hasAny(flag.replace(/^--/, "")) && !isSet(given, flag));
  if (left === undefined) return undefined;
  const instead = now.length === 0 ? "" : `, and would be in ${now.join(", ")} with these flags`;
  return `${role.role}: its data is in ${left.path}${instead}; give ${left.flag} again, or let it start with an empty folder with --change-data-folder before ${role.role}`;
}

/** Reports whether the user has given a `cfg:section.key` argument. */
const isSet = (given: RoleArguments, flag: string): boolean =>
  flag.startsWith("cfg:") && given.setting(flag.slice("cfg:".length)) !== undefined;
