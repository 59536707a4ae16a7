import type { NewFile } from "../init/new-files.ts";
import { launcherOf } from "../service/launcher.ts";
import type { System } from "../service/system.ts";
import { shellCommand } from "../service/shell-words.ts";
import { movedFolders } from "./grafana/grafana-plan.ts";
import { userName } from "./source/users.ts";
import { fact, type Note } from "./note.ts";
import type { RolePlan, Target } from "./role-plan.ts";
import { endProcess, endStarted, environmentText, type Start, startDetached } from "./shell-lines.ts";
import type { Origin } from "./source/found-original.ts";

/** Plans the replacement of a process without a service manager: the command line that starts the Narthex server. */
export function commandTarget(
  plan: RolePlan,
  system: System,
): { readonly target: Target; readonly notes: readonly Note[] } {
  const { found, role, args, user, env } = plan;
  const { origin, cwd } = found;
  const { host, execPath, script } = system;
  if (origin.kind !== "process") throw new TypeError(`a ${origin.kind} has no process to take the place of`);
  const launcher = launcherOf({ env: host.env, execPath, script }, role.role);
  const name = `${role.name}-${origin.pid}`;
  const asUser = userWords(user, origin.gid, system);
  const isOwn = asUser.length === 0;
  const own = {
    cwd,
    words: [...asUser, ...launcher.words, role.role, ...args.words],
    log: `${name}.log`,
    pidFile: `${name}.pid`,
  };
  const before = originalStart(plan, origin, system);
  const variables = environmentFile(name, { ...launcher.env, ...env });
  const target: Target = {
    kind: "command",
    files: [...plan.files, variables, before.file].filter((file) => file !== undefined),
    beside: [],
    over: [
      ...(isOwn ? [] : provisioningLines(plan, origin.gid)),
      ...endProcess(origin.pid, origin.comm),
      ...startDetached({ ...own, envFile: variables?.path }),
    ],
    back: endStarted(own.pidFile, startDetached(before.start)),
    needsRoot: !isOwn,
    needs: isOwn
      ? []
      : [
          `${shellCommand([...asUser, "true"])} || { echo "setpriv of util-linux cannot become the user ${user}: see above" >&2; exit 1; }`,
        ],
  };
  const notes = [
    fact("no service manager supervises it: neither the original nor the role starts again with the machine"),
  ];
  return { target, notes };
}

/** Returns shell lines that give the new server's user read access to secret provisioning files. */
const provisioningLines = ({ files, user }: RolePlan, gid: string | undefined): readonly string[] =>
  files.some(({ isSecret }) => isSecret)
    ? [shellCommand(["chown", "-R", `${user}:${gid ?? user}`, ...movedFolders(files)])]
    : [];

/**
 * Returns the shell command that starts the stopped original process again as its user, and the file with its
 * environment variables.
 */
export function originalStart(
  { found, role, user, env }: RolePlan,
  { pid, gid }: Extract<Origin, { kind: "process" }>,
  system: System,
): { readonly file: NewFile | undefined; readonly start: Start } {
  const name = `${role.name}-${pid}.original`;
  const file = environmentFile(name, env);
  const start = {
    cwd: found.cwd,
    words: [...userWords(user, gid, system), found.program, ...found.words],
    log: `${name}.log`,
    pidFile: `${name}.pid`,
    envFile: file?.path,
  };
  return { file, start };
}

/**
 * Returns the words of a command prefix that runs a program as another user. The prefix uses exec, so that the recorded
 * process id is the program's id. Returns no words for the current user.
 */
function userWords(user: string, gid: string | undefined, system: System): readonly string[] {
  if (user === "" || system.uid === undefined || userName(system.uid, system) === user) return [];
  // Flag for supplementary groups. A user id without a name in /etc/passwd has none.
  const groups = /^\d+$/.test(user) ? "--clear-groups" : "--init-groups";
  return ["setpriv", `--reuid=${user}`, `--regid=${gid ?? user}`, groups];
}

/**
 * Returns a file with the environment variables of a process. Only the owner of the file may read it, because the
 * variables may contain secrets.
 */
function environmentFile(name: string, env: RolePlan["env"]): NewFile | undefined {
  if (Object.keys(env).length === 0) return undefined;
  return { path: `secrets/${name}.env`, text: environmentText(env), isSecret: true };
}
