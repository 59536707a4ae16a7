import type { NewFile } from "../init/new-files.ts";
import { launcherOf } from "../service/launcher.ts";
import type { System } from "../service/system.ts";
import { userName } from "./source/users.ts";
import { fact, type Note } from "./note.ts";
import type { RolePlan, Target } from "./role-plan.ts";
import { endProcess, endStarted, environmentText, startDetached } from "./shell-lines.ts";

/** A command line in place of a process that nobody supervises. */
export function commandTarget(
  plan: RolePlan,
  system: System,
): { readonly target: Target; readonly notes: readonly Note[] } {
  const { found, role, args, user, env } = plan;
  const { origin, program, words, cwd } = found;
  const { host, execPath, script, uid } = system;
  if (origin.kind !== "process") throw new TypeError(`a ${origin.kind} has no process to take the place of`);
  const launcher = launcherOf({ env: host.env, execPath, script }, role.role);
  const name = `${role.name}-${origin.pid}`;
  const isOwn = user === "" || uid === undefined || userName(uid, system) === user;
  const asUser = isOwn ? [] : ["runuser", "-u", user, "--"];
  const own = {
    cwd,
    words: [...asUser, ...launcher.words, role.role, ...args.words],
    log: `${name}.log`,
    pidFile: `${name}.pid`,
  };
  const before = {
    cwd,
    words: [...asUser, program, ...words],
    log: `${name}.original.log`,
    pidFile: `${name}.original.pid`,
  };
  const variables = environmentFile(name, { ...launcher.env, ...env });
  const original = environmentFile(`${name}.original`, env);
  const target: Target = {
    kind: "command",
    files: [...plan.files, variables, original].filter((file) => file !== undefined),
    beside: [],
    over: [...endProcess(origin.pid, origin.comm), ...startDetached({ ...own, envFile: variables?.path })],
    back: endStarted(own.pidFile, startDetached({ ...before, envFile: original?.path })),
    needsRoot: !isOwn,
  };
  const notes = [fact("nothing supervises it: it does not start again with the machine, neither before nor after")];
  return { target, notes };
}

/** The variables of a process in a file that its owner alone may read: secrets stand among them. */
function environmentFile(name: string, env: RolePlan["env"]): NewFile | undefined {
  if (Object.keys(env).length === 0) return undefined;
  return { path: `secrets/${name}.env`, text: environmentText(env), isSecret: true };
}
