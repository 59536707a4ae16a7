import { CommandError } from "../command-line/command.ts";
import { starterFolder } from "../up/starter-config.ts";
import { dataFolderProblem, droppedSentence } from "./dropped-flags.ts";
import { launcherOf } from "./launcher.ts";
import { type ArgumentsAnswer, checkArguments, RoleArguments, withoutContinuation } from "./role-arguments.ts";
import type { ServiceRole } from "./roles.ts";
import type { ServiceDefinition, ServiceManager } from "./service-manager.ts";
import type { System } from "./system.ts";

interface DefinitionOptions {
  readonly given: readonly string[];
  readonly user: string;
  /**
   * Whether the new service may use another data folder than the installed service although the user gives no flag for
   * the folder.
   */
  readonly mayChangeData: boolean;
  readonly manager: ServiceManager;
  readonly system: System;
}

/**
 * Returns the definition of a service, or the server's error message if the server refuses its arguments. Throws
 * CommandError.
 */
export async function definitionOf(
  role: ServiceRole,
  { given, user, mayChangeData, manager, system }: DefinitionOptions,
): Promise<ServiceDefinition | ArgumentsAnswer> {
  const { host, execPath, script } = system;
  if (user !== "" && !/^[A-Za-z_][\w.-]*\$?$/.test(user))
    throw new CommandError(`--user: "${user}" is no name of a user`);
  const folders = manager.foldersOf(role);
  const installed = manager.installed(role, system);
  const kept = given.length > 0 ? undefined : installed?.args;
  const own = new RoleArguments(withoutContinuation(kept ?? given));
  const args = own.withDefaults(role.defaults(own, folders));
  const answer = await checkArguments(await role.load(), host, args.words);
  if (answer.kind !== "good") return answer;
  const before = new RoleArguments(withoutContinuation(installed?.args ?? []));
  const change = { installed: before, given: own, next: args, folders };
  const problem = mayChangeData ? undefined : dataFolderProblem(role, change);
  if (problem !== undefined) throw new CommandError(problem);
  const dropped = before.droppedBy(args, own);
  const sentence = droppedSentence(role, dropped);
  if (sentence !== undefined) host.stderr(`${sentence}\n`);
  const launcher = launcherOf({ env: host.env, execPath, script }, role.role);
  if (kept !== undefined && kept.length > 0) host.stderr(`${role.name}: the installed flags are kept\n`);
  return {
    role,
    launcher,
    args,
    environment: { ...launcher.env, ...role.environment(folders, host.env) },
    folders,
    starterFolder: starterFolder(host.env),
    user: user === "" ? (installed?.user ?? manager.userOf(role, system)) : user,
    dropped,
  };
}
