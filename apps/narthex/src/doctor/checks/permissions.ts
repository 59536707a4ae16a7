import { dirname, join } from "node:path";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok, warning } from "../finding.ts";
import type { Machine, PathStatus } from "../machine/machine.ts";
import { isMountedReadOnly } from "../machine/mounts.ts";
import { type NamedFile, secretPlaces } from "../named-files.ts";
import type { DataPath } from "../subject/subject.ts";
import { unreadFindings } from "../unread.ts";

/** Permission bit: every user may read the file. */
const OTHERS_READ = 0o004;
/** Permission bit: every user may enter the folder. */
const OTHERS_ENTER = 0o001;

/**
 * Checks that this user can write the data folders and read the configured files, and that other users cannot read
 * secrets.
 */
export const permissions: Check = {
  name: "permissions",
  about: "whether this user can write the data folders and read the secrets, and other users cannot",
  async run(context) {
    const { machine, subject } = context;
    const data = subject.roles.flatMap((role) => role.data);
    const written = await Promise.all(data.map((path) => dataFinding(machine, path)));
    const { prometheus, alertmanager } = await context.configurations();
    const secrets: Finding[] = [];
    for (const { file, verdict } of [...prometheus, ...alertmanager]) {
      if (verdict.config === undefined) continue;
      const { files, hasInline } = secretPlaces(verdict.config);
      secrets.push(...(await Promise.all(files.map((named) => fileFinding(context, file, named)))));
      const status = hasInline ? await machine.pathStatus(file) : undefined;
      if (status !== undefined && (await isReadByAll(machine, file, status))) {
        secrets.push(
          warning(
            `${file} contains a secret, and every user may read it`,
            `${await closingHint(machine, file, status, "o-r")}; or move the secret into a separate file, and name that file with a key that ends in _file`,
          ),
        );
      }
    }
    return [...written, ...unreadFindings([...prometheus, ...alertmanager]), ...secrets];
  },
};

const userWords = ({ uid }: Machine): string => (uid === undefined ? "this user" : `user ${uid}`);

async function dataFinding(machine: Machine, data: DataPath): Promise<Finding> {
  const { path, isFile, flag } = data;
  const status = await machine.pathStatus(path);
  if (status?.isFolder === isFile) {
    const what = isFile ? "a folder, but must be a file" : "a file, but must be a folder";
    return error(`${path} is ${what}`, `move it away, or choose another path with ${flag}`);
  }
  if (status !== undefined) return storedFinding(machine, data, status);
  const parent = await nearestFolder(machine, path);
  if (await mayFill(machine, parent)) return ok(`${path} does not exist yet, and can be created`);
  const folder = isFile ? dirname(path) : path;
  return error(
    `${path} does not exist, and ${userWords(machine)} may not create it in ${parent}`,
    `mkdir -p ${folder} && chown ${machine.uid ?? "USER"} ${folder}, as a user with this right; or choose another path with ${flag}`,
  );
}

/** Reports whether this user can create and remove entries in a folder. */
const mayFill = async (machine: Machine, folder: string): Promise<boolean> =>
  (await machine.mayWrite(folder)) && (await machine.mayEnter(folder));

/** Largest number of entries of a data folder that are checked. */
const MAX_ENTRIES = 256;
/** Entries of a mounted volume that belong to other programs, such as `lost+found`. */
const OF_OTHERS = /^(?:\.|lost\+found$)/;

async function storedFinding(machine: Machine, { path, isFile, flag }: DataPath, status: PathStatus): Promise<Finding> {
  const folder = isFile ? dirname(path) : path;
  const refused = async (what: string, { uid }: PathStatus, owned = path): Promise<Finding> =>
    error(
      `${what} cannot be written by ${userWords(machine)}; it belongs to user ${uid}`,
      (await isMountedReadOnly(machine, path))
        ? `mount it writable, or choose another path with ${flag}`
        : `chown ${isFile ? "" : "-R "}${machine.uid ?? "USER"} ${owned}, or run as user ${uid}, or choose another path with ${flag}`,
    );
  if (isFile) {
    if (!(await machine.mayWrite(path))) return refused(path, status);
    // The folder of an SQLite file must be writable too, because SQLite creates a journal next to the file when it
    // writes.
    const around = await machine.pathStatus(folder);
    if (around !== undefined && !(await mayFill(machine, folder)))
      return refused(`${folder}, the folder of ${path},`, around, folder);
    return ok(`${path} and its folder can be written`);
  }
  if (!(await mayFill(machine, path))) return refused(path, status);
  // Checks the entries of the data folder, which may contain files that this user cannot write if the server once ran
  // as another user.
  for (const name of await machine.namesIn(path, MAX_ENTRIES)) {
    if (OF_OTHERS.test(name)) continue;
    const entry = join(path, name);
    const of = await machine.pathStatus(entry);
    if (of !== undefined && !(await (of.isFolder ? mayFill(machine, entry) : machine.mayWrite(entry)))) {
      return refused(`${entry} in the data folder`, of);
    }
  }
  return ok(`${path} can be written`);
}

/** Resolves with the nearest existing parent of a path. */
export async function nearestFolder(machine: Pick<Machine, "pathStatus">, path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path || (await machine.pathStatus(parent)) !== undefined) return parent;
  return nearestFolder(machine, parent);
}

/** Reports whether every user can read a file and enter all folders above it. */
async function isReadByAll(machine: Machine, path: string, { mode }: PathStatus): Promise<boolean> {
  if ((mode & OTHERS_READ) === 0) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const status = await machine.pathStatus(folder);
    if (status !== undefined && (status.mode & OTHERS_ENTER) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * Returns a command that makes a file unreadable for other users. If the command is not possible, or this user could
 * then not read the file, returns other advice.
 */
async function closingHint(machine: Machine, path: string, { uid }: PathStatus, bits: string): Promise<string> {
  if (await isMountedReadOnly(machine, path)) {
    return "it is mounted read-only: set its mode at the source of the mount (chmod on the host, mode or uid of the secret in the compose file, defaultMode: 0440 of the volume)";
  }
  const chmod = `chmod ${bits} ${path}`;
  const isOwn = machine.uid === undefined || machine.uid === 0 || machine.uid === uid;
  return isOwn ? chmod : `chown ${machine.uid} ${path} && ${chmod}, as root`;
}

async function fileFinding({ machine }: DoctorContext, owner: string, { path, isSecret }: NamedFile): Promise<Finding> {
  const status = await machine.pathStatus(path);
  if (status === undefined) {
    return error(`${path}, which ${owner} names, does not exist`, `create it, or name another file in ${owner}`);
  }
  if (!(await machine.mayRead(path))) {
    const mend = (await isMountedReadOnly(machine, path))
      ? `make ${userWords(machine)} its owner at the source of the mount`
      : `chown ${machine.uid ?? "USER"} ${path}`;
    return error(
      `${path}, which ${owner} names, cannot be read by ${userWords(machine)}; it belongs to user ${status.uid}`,
      `${mend}, or run as user ${status.uid}`,
    );
  }
  if (isSecret && (await isReadByAll(machine, path, status))) {
    return warning(
      `${path} contains a secret, and every user may read it`,
      await closingHint(machine, path, status, "600"),
    );
  }
  return ok(`${path} can be read${isSecret ? ", but not by all users" : ""}`);
}
