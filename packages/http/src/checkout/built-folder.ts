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
import type { Clock, Logger } from "@narthex/runtime";

/** How often a process looks whether the one that builds is done. */
const POLL_MS = 500;
/** A lock of this age is left over, whatever process has its holder's number now. */
const LONGEST_BUILD_MS = 5 * 60_000;
/** The build gives way to the roles that start beside it. */
const NICENESS = 10;

/** The time of the newest source, by the folder whose build failed in this process: the same sources would fail again. */
const failedBuilds = new Map<string, number>();

/** What a program of this checkout makes of its sources. */
export interface CheckoutBuild {
  /** What is made, for the log: `user interface`. */
  readonly name: string;
  /** The folder that the program works in. */
  readonly app: string;
  /** Files and folders that it reads, from there on. */
  readonly sources: readonly string[];
  /** What is not there in a release: without one of them, from the app's folder on, nothing is built. */
  readonly needs: readonly string[];
  /** The program and its arguments, which write into the folder `out`. */
  readonly command: (out: string) => readonly string[];
}

export interface BuildOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives the build, and waiting for someone else's, up. */
  readonly signal: AbortSignal;
}

/**
 * Builds a folder when it is missing or older than its sources; resolves once it is there, by whomever: of several processes
 * one builds. A release carries what is built and no sources, and is left alone. Never rejects: a role without its pages
 * still does its job, and need not wait for them. What failed is logged, and tried again once a source has changed.
 *
 * @param folder begins with index.html, whose age is the folder's
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
        // Whoever had the lock until now may have built.
        if (isStale()) await replaceFolder(built, folder, options);
      } finally {
        lock.release();
      }
      return;
    }
  } catch (error) {
    if (signal.aborted) return;
    failedBuilds.set(folder, newest);
    logger.warn(`The ${built.name} could not be built; the API works without it`, { err: error });
  }
}

/** Builds beside the folder and puts the result in its place. Rejects with what went wrong. */
async function replaceFolder(built: CheckoutBuild, folder: string, { logger, signal }: BuildOptions): Promise<void> {
  logger.info(`Building the ${built.name}`, { folder });
  const workshop = mkdtempSync(`${folder}${WORKSHOP}`);
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

/** Follows the folder's name in that of the one in which a build works; mkdtemp adds six letters and digits. */
const WORKSHOP = ".build-";
const RANDOM_PART = /^[A-Za-z0-9]{6}$/;

/** Removes what builds left that were killed. What another user left may have to stay: that hinders no build. */
function removeLeftovers(folder: string, nowMs: number): void {
  const beside = dirname(folder);
  const prefix = basename(folder) + WORKSHOP;
  for (const entry of readdirSync(beside, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isDirectory() || !name.startsWith(prefix) || !RANDOM_PART.test(name.slice(prefix.length))) continue;
    const path = join(beside, name);
    try {
      if (nowMs - modifiedAt(path) > LONGEST_BUILD_MS) rmSync(path, { recursive: true, force: true });
    } catch {
      // Of another user.
    }
  }
}

/** Ends a build whose role was killed: no one would take its result, and the next role builds again. */
const END_WITH_PARENT =
  "data:text/javascript,process.stdin.on('close',()=>process.kill(process.pid,'SIGKILL')).resume().unref()";

function build({ name, app, command }: CheckoutBuild, out: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Its standard input closes when this process ends, whatever ends it.
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
    // It has ended already, or this system knows no priorities.
  }
}

/** Puts the new folder in place. Somebody who built at the same time may be there first: theirs is as good. */
function swap(fresh: string, folder: string, old: string): void {
  unless(["ENOENT"], () => renameSync(folder, old));
  unless(["ENOTEMPTY", "EEXIST"], () => renameSync(fresh, folder));
}

/** Does it, but for the errors named here. */
function unless(codes: readonly string[], work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return false;
  }
}

/** The lock, for the process whose number is in it; undefined while another one that lives has it. */
function takeLock(path: string, nowMs: number): { release(): void } | undefined {
  const own = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(own, `${process.pid}\n`);
  try {
    // A link appears with its content: no one reads a number that is not there yet.
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
    process.kill(Number(readFileSync(path, "utf8")), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
