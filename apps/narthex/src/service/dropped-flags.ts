import type { RoleArguments } from "./role-arguments.ts";
import type { RoleFolders, ServiceRole } from "./roles.ts";
import { shellCommand } from "./shell-words.ts";

/** Arguments of a role: those that its service has, those that were given now, and what comes of them. */
interface ArgumentChange {
  readonly installed: RoleArguments;
  readonly given: RoleArguments;
  readonly next: RoleArguments;
  readonly folders: RoleFolders;
}

/** What is said where flags that a service has are not given again; undefined where none falls away. */
export function droppedSentence(role: ServiceRole, dropped: readonly string[]): string | undefined {
  if (dropped.length === 0) return undefined;
  return `${role.name}: the flags given now replace those that it had; without them from here on: ${shellCommand(dropped)}`;
}

/**
 * Why a role would begin anew in another data folder than the one it has, without anybody having said so; undefined where it
 * stays, or the flag that names it was given.
 */
export function dataFolderProblem(role: ServiceRole, change: ArgumentChange): string | undefined {
  const { installed, given, next, folders } = change;
  const now = role.writes(next, folders).map(({ path }) => path);
  const left = role
    .writes(installed, folders)
    .find(({ path, flag }) => !now.includes(path) && !given.hasAny(flag.replace(/^--/, "")) && !isSet(given, flag));
  if (left === undefined) return undefined;
  const instead = now.length === 0 ? "" : `, and would be in ${now.join(", ")} with these flags`;
  return `${role.role}: its data is in ${left.path}${instead}; give ${left.flag} again, or let it begin anew with --change-data-folder before ${role.role}`;
}

/** Is a setting given that is named as `cfg:section.key`? */
const isSet = (given: RoleArguments, flag: string): boolean =>
  flag.startsWith("cfg:") && given.setting(flag.slice("cfg:".length)) !== undefined;
