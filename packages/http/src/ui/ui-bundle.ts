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

export interface UiBundleOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives the build, and waiting for somebody else's, up. */
  readonly signal: AbortSignal;
}

/**
 * Builds the UI when a checkout's bundle is missing or older than its sources; resolves once it is there, by whomever: of
 * several processes one builds. A release carries its bundle and no sources, and is left alone. Never rejects: a role
 * without its page still does its job, and need not wait for it.
 *
 * @param folder the bundle's folder (`uiFolder`)
 */
export async function ensureUiBundle(folder: string, options: UiBundleOptions): Promise<void> {
  const app = dirname(folder);
  const { clock, logger, signal } = options;
  if (!existsSync(join(app, "src")) || !existsSync(viteOf(app))) return;
  try {
    while (!signal.aborted && isStale(app, folder)) {
      const lock = takeLock(`${folder}.lock`, clock.now());
      if (lock === undefined) {
        await clock.sleep(POLL_MS, signal).catch(() => undefined);
        continue;
      }
      try {
        removeLeftovers(folder, clock.now());
        // Whoever had the lock until now may have built.
        if (isStale(app, folder)) await replaceBundle(app, folder, options);
      } finally {
        lock.release();
      }
      return;
    }
  } catch (error) {
    if (!signal.aborted) logger.warn(NOT_BUILT, { err: error });
  }
}

const NOT_BUILT = "The user interface could not be built; the API works without it";

const viteOf = (app: string): string => join(app, "node_modules/vite/bin/vite.js");

/** Builds beside the bundle and puts the result in its place. Rejects with what went wrong. */
async function replaceBundle(app: string, folder: string, { logger, signal }: UiBundleOptions): Promise<void> {
  logger.info("Building the user interface", { folder });
  const workshop = mkdtempSync(`${folder}${WORKSHOP}`);
  try {
    const fresh = join(workshop, "fresh");
    await build(app, fresh, signal);
    swap(fresh, folder, join(workshop, "old"));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** Of the app's folder; what dashboards are made of it takes from a package. */
const SOURCES = [
  "src",
  "public",
  "build",
  "index.html",
  "vite.config.ts",
  "package.json",
  "../../packages/dashboards/src",
];

const isStale = (app: string, folder: string): boolean => modifiedAt(join(folder, "index.html")) < newestSource(app);

const newestSource = (app: string): number => Math.max(...SOURCES.map((name) => newestIn(join(app, name))));

function newestIn(path: string): number {
  const own = modifiedAt(path);
  if (own === 0 || !statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

function modifiedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** Follows the bundle's name in that of the folder in which a build works; mkdtemp adds six letters and digits. */
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

/** Ends a build whose role was killed: nobody would take its result, and the next role builds anew. */
const END_WITH_PARENT =
  "data:text/javascript,process.stdin.on('close',()=>process.kill(process.pid,'SIGKILL')).resume().unref()";

function build(app: string, outDir: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [viteOf(app), "build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "error"];
    // Its standard input closes when this process ends, whatever ends it.
    const child = spawn(process.execPath, ["--import", END_WITH_PARENT, ...args], {
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
      else reject(new Error(words.trim() || `vite ended with status ${code}`));
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

/** Puts the new bundle in place. Somebody who built at the same time may be there first: theirs is as good. */
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
    // A link appears with its content: nobody reads a number that is not there yet.
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
