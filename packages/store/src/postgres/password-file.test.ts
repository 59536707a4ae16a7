import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { findPassword, passwordFromFile } from "./password-file.ts";

const place = { host: "h", port: 5432, user: "u", database: "d" };

test("findPassword() uses the first line that matches", () => {
  expect(findPassword("# h:5432:d:u:no\nh:1:d:u:no\n*:*:d:u:first\nh:5432:d:u:second", place)).toBe("first");
  expect(findPassword("h:5432:d:u:a\\:b\\\\c:d\r\n", place)).toBe("a:b\\c:d");
  expect(findPassword("h:5432:d:other:x", place)).toBeUndefined();
  expect(findPassword("localhost:*:*:*:socket", { ...place, host: "/run" })).toBe("socket");
});

test("passwordFromFile() ignores a file that others may read, and a missing one", () => {
  const path = join(temporaryFolder(), "pass");
  expect(passwordFromFile(path, place)).toBeUndefined();
  writeFileSync(path, "h:5432:d:u:p\n");
  chmodSync(path, 0o644);
  expect(passwordFromFile(path, place)).toBeUndefined();
  chmodSync(path, 0o600);
  expect(passwordFromFile(path, place)).toBe("p");
});
