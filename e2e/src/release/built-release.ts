import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { root } from "../support/running.ts";

export const node: string = join(root, "node_modules/.bin/node");

/**
 * Environment variables for a build from sources without git, such as an unpacked archive. They replace git's commit
 * and date.
 */
export const SOURCE = { SOURCE_DATE_EPOCH: "1700000000", NARTHEX_REVISION: "0123456789abcdef0123456789abcdef01234567" };

/** Whether this machine cannot run the built releases, which are for Linux on x64. */
export const lacksMachine: boolean = process.platform !== "linux" || process.arch !== "x64";

/**
 * Time limit in ms of a build, which may hang, for example while it downloads packages. The limit is half of a test's
 * time limit.
 */
export const BUILDS_MS = 1_800_000;

const run = promisify(execFile);

/** Runs `pnpm release` in a checkout of the repository. Resolves with the command's output. */
export async function makeRelease(checkout: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(node, [join(checkout, "apps/release/src/release.ts"), ...args], {
    encoding: "utf8",
    cwd: checkout,
    env: { ...process.env, ...SOURCE },
    timeout: BUILDS_MS / 2,
    killSignal: "SIGKILL",
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Options that build only those parts of a release that tests install and compare. */
export const PARTS: readonly string[] = ["--target=linux-x64", "--format=deb,tar.gz,npm,libraries"];

/**
 * Builds the release of this checkout once for all test files of a run. Resolves with the release's folder, which tests
 * must not change.
 */
export async function releaseOfCheckout(): Promise<string> {
  const folder = join(inject("runFolder"), "release");
  if (existsSync(folder)) return folder;
  const own = mkdtempSync(`${folder}-`);
  await makeRelease(root, ...PARTS, `--out=${own}`);
  // Another process may have created the folder first. Its release is then used, because both have the same bytes.
  if (!existsSync(folder)) renameSync(own, folder);
  return folder;
}

/**
 * Copies the files of the checkout to another folder. Links to third-party packages still lead to pnpm's shared store.
 */
export function copyCheckout(to: string): void {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const path of new Set(listed.split("\0"))) {
    if (path === "" || /^(?:bench\/src|checks|e2e)\//.test(path)) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(root, path), join(to, path));
  }
  const own = ["packages", "apps"].flatMap((place) => readdirSync(join(root, place)).map((name) => `${place}/${name}`));
  for (const folder of own) copyLinks(join(root, folder, "node_modules"), join(to, folder, "node_modules"));
  mkdirSync(join(to, "node_modules"), { recursive: true });
  for (const name of [".pnpm", "@types", "node", "typescript"])
    symlinkSync(join(root, "node_modules", name), join(to, "node_modules", name));
}

/**
 * Copies the node_modules links that pnpm created. Links to packages of the workspace are changed to lead to the new
 * checkout.
 */
function copyLinks(from: string, to: string): void {
  const options = {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path: string) => !/\/\.(?!bin)/.test(path.slice(from.length)),
  };
  cpSync(from, to, options);
}
