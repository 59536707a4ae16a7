import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { root } from "../support/running.ts";

export const node: string = join(root, "node_modules/node/bin/node");

/** Variables for sources without git, as in an archive. */
export const SOURCE = { SOURCE_DATE_EPOCH: "1700000000", NARTHEX_REVISION: "0123456789abcdef0123456789abcdef01234567" };

/** Releases are built for one machine, which can run them. */
export const lacksMachine: boolean = process.platform !== "linux" || process.arch !== "x64";

/** Limit in ms for a build that hangs, for example on the registry: half of a test's limit. */
export const BUILDS_MS = 1_800_000;

const run = promisify(execFile);

/** Runs `pnpm release` of a checkout. Resolves with its output. */
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

/** The part of a release that tests install and compare. */
export const PARTS: readonly string[] = ["--target=linux-x64", "--format=deb,tar.gz,npm"];

/**
 * Builds the release of this checkout, once for all test files of a run. Resolves with its folder, which tests must not
 * change.
 */
export async function releaseOfCheckout(): Promise<string> {
  const folder = join(inject("runFolder"), "release");
  if (existsSync(folder)) return folder;
  const own = mkdtempSync(`${folder}-`);
  await makeRelease(root, ...PARTS, `--out=${own}`);
  // If another process was faster, its release has the same bytes.
  if (!existsSync(folder)) renameSync(own, folder);
  return folder;
}

/** Copies the checkout's files to another place, with links to the same third-party packages in the store. */
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
  for (const name of [".pnpm", "node"]) symlinkSync(join(root, "node_modules", name), join(to, "node_modules", name));
}

/** Copies pnpm's links; those to workspace packages point to the new checkout. */
function copyLinks(from: string, to: string): void {
  const options = {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path: string) => !/\/\.(?!bin)/.test(path.slice(from.length)),
  };
  cpSync(from, to, options);
}
