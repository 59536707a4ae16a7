import { expect, test } from "vitest";
import { readUsersFile } from "./users-file.ts";

const HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

const read = (text: string) => readUsersFile("users.yml", () => text);

test("readUsersFile() reads users by prefix of job names", () => {
  const users = read(`job_users:\n  backup-:\n    alice: ${HASH}\n  "":\n    root: ${HASH}\n`);
  expect([...users].map(([prefix, names]) => [prefix, [...names.keys()]])).toEqual([
    ["backup-", ["alice"]],
    ["", ["root"]],
  ]);
});

test.each([
  [
    "job_users:\n  a:\n    bob: secret\n    eve:\n",
    `users.yml:3:10: password of user "bob" is no bcrypt hash; make one with: htpasswd -nBC 10 "" | tr -d ':\\n'\nusers.yml:4:`,
  ],
  ["users:\n  a: {}\n", "users.yml:1:1: field users not found"],
  ["job_users:\n  a: [bob]\n", "users.yml:2:6: field job_users.a: cannot unmarshal !!seq into map[string]string"],
  ["job_users: {\n", "users.yml:1:12: yaml: "],
  ["job_users:\n", "users.yml:1:1: job_users is missing or empty"],
  ["", "users.yml:1:1: job_users is missing or empty"],
])("readUsersFile() names file and place of what is wrong: %j", (text, problem) => {
  expect(() => read(text)).toThrow(problem);
});
