import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { makeRelease } from "./make-release.ts";
import { readSource, trackedTree } from "./source.ts";

function place(): string {
  const made = temporaryFolder();
  return made;
}

/** Creates a checkout with one commit of the file `config/a`. */
function checkout(): { readonly root: string; readonly revision: string } {
  const root = place();
  const env = { ...process.env, GIT_COMMITTER_DATE: "1700000000 +0000" };
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: root, env, encoding: "utf8" });
  git("init", "--quiet");
  mkdirSync(join(root, "config"));
  writeFileSync(join(root, "config/a"), "1");
  git("add", "config/a");
  git("commit", "--quiet", "--no-gpg-sign", "--message=first");
  return { root, revision: git("rev-parse", "HEAD").trim() };
}

test("a release contains only files that git tracks, and is refused for a checkout with others", async () => {
  const { root } = checkout();
  const isRefused = async (): Promise<boolean> => {
    const host = testHost(["--target=linux-x64", `--node=linux-x64=${join(root, "none")}`]);
    expect(await makeRelease(host, root)).toBe(1);
    return host.output.stderr.includes("the checkout has files or changes that are in no commit");
  };
  expect(await isRefused()).toBe(false);
  writeFileSync(join(root, "config/smtp-password"), "secret");
  expect([...trackedTree(root, "config").keys()]).toEqual(["a"]);
  expect(await isRefused()).toBe(true);
  rmSync(join(root, ".git"), { recursive: true });
  expect([...trackedTree(root, "config").keys()]).toEqual(["a", "smtp-password"]);
});

test("readSource() reads commit and time from git, and reports uncommitted changes", () => {
  const { root, revision } = checkout();
  expect(readSource(root, {})).toEqual({ revision, isModified: false, epoch: 1_700_000_000, address: undefined });
  writeFileSync(join(root, "config/a"), "2");
  expect(readSource(root, {}).isModified).toBe(true);
  expect(readSource(root, { SOURCE_DATE_EPOCH: "5", NARTHEX_REVISION: "named" })).toEqual({
    revision: "named",
    isModified: false,
    epoch: 5,
  });
});

test("readSource() names the variables that sources without git need", () => {
  const root = place();
  expect(() => readSource(root, {})).toThrow("set SOURCE_DATE_EPOCH (seconds since 1970) and NARTHEX_REVISION");
  expect(() => readSource(root, { SOURCE_DATE_EPOCH: "yesterday", NARTHEX_REVISION: "a" })).toThrow(
    'SOURCE_DATE_EPOCH is "yesterday"',
  );
  expect(() => readSource(root, { SOURCE_DATE_EPOCH: "1", NARTHEX_REVISION: "a b" })).toThrow(
    'NARTHEX_REVISION is "a b"',
  );
});
