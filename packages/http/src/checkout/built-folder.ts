import { spawn } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { setPriority } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Clock, type Logger, processExists } from "@narthex/runtime";

/** Interval in ms at which a process checks whether another process has finished the build. */
const POLL_MS = 500;
/** Age in ms from which the lock of a build is ignored, even if a process with its process id exists. */
const LONGEST_BUILD_MS = 5 * 60_000;
/** Scheduling priority (nice value) of the build. The priority is low, because other processes start at the same time. */
const NICENESS = 10;

/** Error codes of a folder that this user cannot write to. */
const CLOSED: readonly string[] = ["EACCES", "EPERM", "EROFS"];

/**
 * Folders whose build has failed in this process, each with the modification time of its newest source. A failed build
 * is repeated only after a source changes.
 */
const failedBuilds = new Map<string, number>();

/** A folder that can be built in a checkout of the repository: its sources and its build command. */
export interface CheckoutBuild {
  /** Name for the log, such as `user interface`. */
  readonly name: string;
  /** Working folder of the build command. */
  readonly app: string;
  /** Source files and folders of the build, relative to its working folder. */
  readonly sources: readonly string[];
  /**
   * Paths, relative to the working folder, that exist only in a checkout. The folder is not built if one of them is
   * missing.
   */
  readonly needs: readonly string[];
  /** Returns the command line of the build, which writes into the folder `out`. */
  readonly command: (out: string) => readonly string[];
}

export interface BuildOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Signal that ends the build, or the wait for the build of another process. */
  readonly signal: AbortSignal;
}

/**
 * Builds a folder if it is missing or older than its sources. If several processes need it, one process builds and the
 * others wait. A release contains the built folder without sources, so it is not built there. Never rejects, because a
 * server also works without its web pages. A failure is logged, and the build is repeated after a source has changed.
 * @param folder the folder to build; its age is that of its index.html
 */
export async function ensureBuiltFolder(folder: string, built: CheckoutBuild, options: BuildOptions): Promise<void> {
  const { clock, logger, signal } = options;
  if (!built.needs.every((name) => existsSync(join(built.app, name)))) return;
  let newest = 0;
  const isStale = (): boolean => {
    newest = newestSource(built);
    return modifiedAt(join(folder, "index.html")) < newest && failedBuilds.get(folder) !== newest;
  };
  try {
    while (!signal.aborted && isStale()) {
      const lock = takeLock(`${folder}.lock`, clock.now());
      if (lock === undefined) {
        await clock.sleep(POLL_MS, signal).catch(() => undefined);
        continue;
      }
      try {
        removeLeftovers(folder, clock.now());
        // Checks again whether the folder must be built, because another process may have built it while this process
        // waited for the lock.
        if (isStale()) await replaceFolder(built, folder, options);
      } finally {
        lock.release();
      }
      return;
    }
  } catch (error) {
    if (signal.aborted) return;
    failedBuilds.set(folder, newest);
    const hint = CLOSED.includes((error as NodeJS.ErrnoException).code ?? "")
      ? { hint: `start a role once as a user who can write to ${dirname(folder)}` }
      : {};
    logger.warn(`The ${built.name} could not be built; the API works without it`, { err: error, ...hint });
  }
}

/** Builds into a temporary folder, which then replaces the old folder. Rejects with the error of the build. */
async function replaceFolder(built: CheckoutBuild, folder: string, { logger, signal }: BuildOptions): Promise<void> {
  logger.info(`Building the ${built.name}`, { folder });
  const workshop = mkdtempSync(`${folder}${TEMPORARY_SUFFIX}`);
  try {
    const fresh = join(workshop, "fresh");
    await build(built, fresh, signal);
    swap(fresh, folder, join(workshop, "old"));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

const newestSource = ({ app, sources }: CheckoutBuild): number =>
  sources.map((name) => newestIn(join(app, name))).reduce((a, b) => Math.max(a, b), -Infinity);

function newestIn(path: string): number {
  const own = modifiedAt(path);
  if (own === 0 || !statSync(path).isDirectory()) return own;
  return readdirSync(path)
    .map((name) => newestIn(join(path, name)))
    .reduce((a, b) => Math.max(a, b), own);
}

function modifiedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** Suffix of temporary build folders. mkdtemp appends six letters and digits. */
const TEMPORARY_SUFFIX = ".build-";
const RANDOM_PART = /^[A-Za-z0-9]{6}$/;

/** Removes temporary folders of builds that were killed. Folders of another user may remain, which does no harm. */
function removeLeftovers(folder: string, nowMs: number): void {
  const parent = dirname(folder);
  const prefix = basename(folder) + TEMPORARY_SUFFIX;
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isDirectory() || !name.startsWith(prefix) || !RANDOM_PART.test(name.slice(prefix.length))) continue;
    const path = join(parent, name);
    try {
      if (nowMs - modifiedAt(path) > LONGEST_BUILD_MS) rmSync(path, { recursive: true, force: true });
    } catch {
      // Keeps a folder that cannot be removed, because it belongs to another user.
    }
  }
}

/**
 * Code of a module that ends the build when its parent process is killed. The result of the build would be unused, and
 * the next start builds again.
 */
const END_WITH_PARENT =
  "data:text/javascript,process.stdin.on('close',()=>process.kill(process.pid,'SIGKILL')).resume().unref()";

function build({ name, app, command }: CheckoutBuild, out: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Starts the build with a pipe as its standard input. The pipe closes when this process ends for any reason.
    const child = spawn(process.execPath, ["--import", END_WITH_PARENT, ...command(out)], {
      cwd: app,
      stdio: ["pipe", "ignore", "pipe"],
      signal,
    });
    if (child.pid !== undefined) lowerPriority(child.pid);
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (words += text));
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(words.trim() || `the build of the ${name} ended with status ${code}`));
    });
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // Ignores a failed change of the priority, because the process has already ended or this system has no priorities.
  }
}

/**
 * Replaces the old folder by the new folder. If another process has replaced the folder at the same time, keeps that
 * process's folder.
 */
function swap(fresh: string, folder: string, old: string): void {
  unless(["ENOENT"], () => renameSync(folder, old));
  unless(["ENOTEMPTY", "EEXIST"], () => renameSync(fresh, folder));
}

/** Runs `work` and ignores errors with the given codes. Returns false if such an error occurred. */
function unless(codes: readonly string[], work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return false;
  }
}

/**
 * Takes the lock of a build for this process. Returns undefined while another living process has the lock. The lock
 * file contains the process id.
 */
function takeLock(path: string, nowMs: number): { release(): void } | undefined {
  const own = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(own, `${process.pid}\n`);
  try {
    // Creates the lock file as a link to a complete file, so that the lock file is never empty.
    const link = (): void => linkSync(own, path);
    if (unless(["EEXIST"], link)) return { release: () => rmSync(path, { force: true }) };
    if (isHeld(path, nowMs)) return undefined;
    rmSync(path, { force: true });
    return unless(["EEXIST"], link) ? { release: () => rmSync(path, { force: true }) } : undefined;
  } finally {
    rmSync(own, { force: true });
  }
}

function isHeld(path: string, nowMs: number): boolean {
  if (nowMs - modifiedAt(path) > LONGEST_BUILD_MS) return false;
  try {
    return processExists(Number(readFileSync(path, "utf8")));
  } catch {
    // Returns false because the other process has removed the lock file.
    return false;
  }
}
