import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type FileTree, readTree } from "./files/file-tree.ts";
import { projectAddress } from "./project-address.ts";
import { ReleaseError } from "./release-error.ts";

export interface Source {
  /** Full hash of the commit. */
  readonly revision: string;
  /** Whether the checkout has files or changes that are in no commit. */
  readonly isModified: boolean;
  /** Modification time of all files in an archive, Unix seconds. */
  readonly epoch: number;
  /** Address of the project's repository; undefined if nothing names one. */
  readonly address?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the state of a checkout from git. SOURCE_DATE_EPOCH and NARTHEX_REVISION take precedence, and are needed for
 * sources without git. Throws ReleaseError.
 */
export function readSource(root: string, env: Environment): Source {
  const revision = env["NARTHEX_REVISION"] ?? git(root, "rev-parse", "HEAD");
  const seconds = env["SOURCE_DATE_EPOCH"] ?? git(root, "log", "-1", "--format=%ct");
  if (!/^\d{1,10}$/.test(seconds))
    throw new ReleaseError(`SOURCE_DATE_EPOCH is ${JSON.stringify(seconds)}; give seconds since 1970, as digits`);
  if (!/^[\w.-]+$/.test(revision))
    throw new ReleaseError(`NARTHEX_REVISION is ${JSON.stringify(revision)}; give the commit's hash`);
  const isModified = env["NARTHEX_REVISION"] === undefined && git(root, "status", "--porcelain") !== "";
  return { revision, isModified, epoch: Number(seconds), address: projectAddress(root, env) };
}

/**
 * Returns the files of a folder that git tracks. Files that git does not track are never released, because they may
 * belong to the user. Without git, reads all files of the folder.
 */
export function trackedTree(root: string, folder: string): FileTree {
  const tree = readTree(join(root, folder));
  if (!existsSync(join(root, ".git"))) return tree;
  const tracked = new Set(git(root, "ls-files", "-z", "--", folder).split("\0"));
  return new Map([...tree].filter(([path]) => tracked.has(`${folder}/${path}`)));
}

function git(root: string, ...args: readonly string[]): string {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  } catch (error) {
    const message =
      `${root} is no checkout that git can read; set SOURCE_DATE_EPOCH (seconds since 1970) and NARTHEX_REVISION ` +
      "(the commit) to say what these sources are";
    throw new ReleaseError(message, { cause: error });
  }
}
