import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readUsersFile } from "./users-file.ts";

const HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

function written(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "users-")), "users.yml");
  writeFileSync(path, text);
  return path;
}

test("readUsersFile() reads users by the beginning of job names", () => {
  const users = readUsersFile(written(`job_users:\n  backup-:\n    alice: ${HASH}\n  "":\n    root: ${HASH}\n`));
  expect([...users].map(([prefix, names]) => [prefix, [...names.keys()]])).toEqual([
    ["backup-", ["alice"]],
    ["", ["root"]],
  ]);
});

test.each([
  ["job_users:\n  a:\n    bob: secret\n", 3, 'password of user "bob" is no bcrypt hash'],
  ["users:\n  a: {}\n", 1, "field users not found; allowed: job_users"],
  ["job_users:\n  a: [bob]\n", 2, 'a mapping is expected: users of the jobs that begin with "a"'],
  ["job_users: {\n", 2, "yaml: "],
])("readUsersFile() names file and line of what is wrong: %j", (text, line, problem) => {
  const path = written(text);
  expect(() => readUsersFile(path)).toThrow(`${path}:${line}: ${problem}`);
});
