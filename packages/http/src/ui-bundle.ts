import { spawn } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Logger } from "@narthex/runtime";

/**
 * Builds the UI when a checkout's bundle is missing or older than its sources. A release carries its bundle and no
 * sources, and is left alone. Never throws: a role without its page still does its job.
 *
 * @param folder the bundle's folder (`uiFolder`)
 * @param signal gives the build up
 */
export async function ensureUiBundle(folder: string, logger: Logger, signal: AbortSignal): Promise<void> {
  const app = dirname(folder);
  const vite = join(app, "node_modules/vite/bin/vite.js");
  if (!existsSync(join(app, "src")) || !existsSync(vite)) return;
  if (modifiedAt(join(folder, "index.html")) >= newestSource(app)) return;
  logger.info("Building the user interface", { folder });
  const fresh = `${folder}.${process.pid}`;
  const failure = await build(app, vite, fresh, signal);
  if (failure !== undefined) {
    if (!signal.aborted)
      logger.warn("The user interface could not be built; the API works without it", { err: failure });
    rmSync(fresh, { recursive: true, force: true });
    return;
  }
  swap(fresh, folder);
}

const SOURCES = [
  "src",
  "public",
  "index.html",
  "alertmanager.html",
  "pushgateway.html",
  "vite.config.ts",
  "package.json",
];

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

/** Resolves with what went wrong, or undefined. */
function build(app: string, vite: string, outDir: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [vite, "build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "error"], {
      cwd: app,
      stdio: ["ignore", "ignore", "pipe"],
      signal,
    });
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (words += text));
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code) => resolve(code === 0 ? undefined : words.trim() || `vite ended with status ${code}`));
  });
}

/** Puts the new bundle in place in one step; another process may have been faster. */
function swap(fresh: string, folder: string): void {
  const old = `${folder}.old.${process.pid}`;
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
}
