import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { root } from "../support/running.ts";
import type { Workplace } from "../support/workplace.ts";
import type { RoleName } from "./roles.ts";

/** A version of the servers in an upgrade test: a Narthex release, a Narthex commit, or the original programs. */
export interface Edition {
  readonly name: string;
  /**
   * True if a server may lose changes that it acknowledges while it stops, because it has already written its files for
   * the last time.
   */
  readonly losesWhenStopping: boolean;
  /** Returns the program and its first arguments for a server; undefined if this version lacks the server. */
  command(role: RoleName): readonly [program: string, ...args: string[]] | undefined;
}

/** Names of the original programs by the server that replaces them, including Debian's names. */
const ORIGINALS: Readonly<Partial<Record<RoleName, readonly string[]>>> = {
  server: ["prometheus"],
  alertmanager: ["alertmanager", "prometheus-alertmanager"],
  pushgateway: ["pushgateway", "prometheus-pushgateway"],
  "node-exporter": ["node_exporter", "prometheus-node-exporter"],
};

/**
 * Returns the version that a word names: a folder with `bin/narthex` (an unpacked archive, a checkout), a folder with
 * the original programs, or a commit, which is checked out below the workplace. Throws Error for anything else.
 */
export function editionOf(word: string, workplace: Workplace): Edition {
  const folder = resolve(word);
  if (existsSync(join(folder, "bin/narthex"))) return ofLauncher(word, join(folder, "bin/narthex"));
  if (existsSync(join(folder, "prometheus"))) return ofOriginals(word, folder);
  const found = git("rev-parse", "--verify", "--quiet", "--short", `${word}^{commit}`);
  if (found.status !== 0)
    throw new Error(`${word}: there is no such commit here, and no folder with bin/narthex or prometheus in it`);
  return ofLauncher(word, join(checkedOut(found.stdout.trim(), workplace), "bin/narthex"));
}

const git = (...args: readonly string[]) => spawnSync("git", ["-C", root, ...args], { encoding: "utf8" });

function checkedOut(commit: string, workplace: Workplace): string {
  const folder = workplace.path(commit);
  mkdirSync(folder);
  execFileSync("sh", ["-ec", 'git -C "$1" archive "$2" | tar -x -C "$3"', "sh", root, commit, folder]);
  const { packageManager } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    packageManager: string;
  };
  const install = ["--yes", packageManager.split("+")[0]!, "install", "--frozen-lockfile", "--prefer-offline"];
  execFileSync("npx", install, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return folder;
}

function ofLauncher(name: string, launcher: string): Edition {
  const known = spawnSync(launcher, ["--help"], { encoding: "utf8" }).stdout;
  return {
    name,
    losesWhenStopping: false,
    command: (role) => (new RegExp(`^ +${role} `, "m").test(known) ? [launcher, role] : undefined),
  };
}

const ofOriginals = (name: string, folder: string): Edition => ({
  name,
  losesWhenStopping: true,
  command: (role) => {
    const program = ORIGINALS[role]?.map((file) => join(folder, file)).find((path) => existsSync(path));
    return program === undefined ? undefined : [program];
  },
});
