import { type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { shellCommand } from "./shell-words.ts";
import { rooted, type System } from "./system.ts";

/** A path that a server's user must be able to access. */
export interface Access {
  /** The flag that names the path, with its dashes. */
  readonly flag: string;
  readonly path: string;
  readonly user: string;
  readonly mode: "read" | "write" | "run";
  /**
   * Returns the words that run a command as another user. Undefined if the user does not exist yet or the test must not
   * be made.
   */
  readonly asUser: ((user: string) => readonly string[]) | undefined;
  /** Whether the path is an existing file to which the server writes. Otherwise it is a folder. */
  readonly isFile?: boolean;
  /** Whether only the existence of the path is checked, because the system has no file modes. */
  readonly isByName?: boolean;
}

/** Returns the reason why a relative path cannot be used, with a hint. Undefined for an absolute path. */
export function relativeProblem(flag: string, path: string, { host }: Pick<System, "host">): string | undefined {
  if (isAbsolute(path) || /^[A-Za-z]:[\\/]/.test(path)) return undefined;
  return `${flag}: a service has no working directory to find ${path} in; write ${flag}=${resolve(host.cwd, path)}`;
}

/** Returns the reason why a user cannot access a path, with a hint. Undefined if access is possible. */
export async function accessProblem(access: Access, system: System): Promise<string | undefined> {
  const { flag, path, user, mode } = access;
  let stats: Stats;
  try {
    stats = statSync(rooted(system, path));
  } catch (error) {
    return missing(access, error);
  }
  if (mode === "write" && access.isFile !== true && !stats.isDirectory())
    return `${flag}: ${path} is a file, but must be a folder; name a folder`;
  if (access.isByName === true) return undefined;
  const closed = closedTo(access, stats, system);
  const may = access.asUser === undefined ? closed === undefined : await mayByTrial(access, system);
  if (may) return undefined;
  const verb = mode === "run" ? "execute" : mode;
  const how = await commandThatLets(access, closed ?? path, system);
  return `${flag}: the user ${user} may not ${verb} ${path}; allow it: ${how}`;
}

/**
 * Returns the command that gives the user access. Parent folders and programs become accessible to everybody. A file
 * that may contain a secret becomes readable only for the user's group, or on macOS for the user.
 */
async function commandThatLets({ path, user, mode }: Access, closed: string, system: System): Promise<string> {
  if (closed !== path) return shellCommand(["sudo", "chmod", "o+x", closed]);
  if (mode === "write") return shellCommand(["sudo", "chown", `${user}:`, path]);
  if (mode === "run") return shellCommand(["sudo", "chmod", "o+rx", path]);
  // On macOS users do not have a group of their own, so the command uses an access control list.
  if (system.platform === "darwin")
    return shellCommand(["sudo", "chmod", "+a", `user:${user} allow read,execute`, path]);
  const { status, stdout } = await system.run("id", ["-gn", user]);
  const group = status === 0 && stdout.trim() !== "" ? stdout.trim() : user;
  return `${shellCommand(["sudo", "chgrp", group, path])} && ${shellCommand(["sudo", "chmod", "g+rX", path])}`;
}

function missing({ flag, path, user, mode, isByName }: Access, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES") return `${flag}: this user may not access ${path}; run this with sudo`;
  if (mode !== "write") return `${flag}: ${path} does not exist; create it, or name another path`;
  if (isByName === true) return `${flag}: the folder ${path} does not exist; create it, and let ${user} write to it`;
  const command = shellCommand(["sudo", "install", "-d", "-o", user, "-m", "750", path]);
  return `${flag}: the folder ${path} does not exist; create it: ${command}`;
}

const TEST_OF = { read: "-r", write: "-w", run: "-x" } as const;

async function mayByTrial({ path, user, mode, asUser }: Access, system: System): Promise<boolean> {
  const [command, ...args] = [...asUser!(user), "test", TEST_OF[mode], path];
  const { status } = await system.run(command, args);
  // Exit status 127 means that the testing program is missing. The result is then unknown and counts as access.
  return status === 0 || status === 127;
}

const BIT_OF = { read: 0o4, write: 0o2, run: 0o1 } as const;

/**
 * Returns the first folder of a path, or the path itself, that is closed to users other than the owner and the group.
 */
function closedTo({ path, mode }: Access, stats: Stats, system: System): string | undefined {
  const above: string[] = [];
  for (let folder = dirname(path); folder !== above[0]; folder = dirname(folder)) above.unshift(folder);
  const folder = above.find((one) => {
    const found = statSync(rooted(system, one), { throwIfNoEntry: false });
    return found !== undefined && (found.mode & 0o1) === 0;
  });
  if (folder !== undefined) return folder;
  const wanted = BIT_OF[mode] | (stats.isDirectory() ? 0o1 : 0);
  return (stats.mode & wanted) === wanted ? undefined : path;
}
