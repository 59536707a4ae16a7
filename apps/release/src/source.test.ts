import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { readSource } from "./source.ts";

function place(): string {
  const made = temporaryFolder();
  return made;
}

test("readSource() reads commit and time from git, and reports uncommitted changes", () => {
  const root = place();
  const env = { ...process.env, GIT_COMMITTER_DATE: "1700000000 +0000" };
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: root, env, encoding: "utf8" });
  git("init", "--quiet");
  writeFileSync(join(root, "a"), "1");
  git("add", "a");
  git("commit", "--quiet", "--no-gpg-sign", "--message=first");
  const revision = git("rev-parse", "HEAD").trim();
  expect(readSource(root, {})).toEqual({ revision, isModified: false, epoch: 1_700_000_000 });
  writeFileSync(join(root, "a"), "2");
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
