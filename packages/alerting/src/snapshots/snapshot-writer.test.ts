import { expect, test } from "vitest";
import { readLogSnapshot } from "./snapshot-codec.ts";
import { writeLogSnapshot } from "./snapshot-writer.ts";

const keysAfter = (keys: readonly string[]): readonly string[] => {
  const entry = { firing: [], resolved: [], timestamp: 1000, data: {} };
  const entries = keys.map((key) => ({ key, entry, expiresAt: 2000 }));
  return readLogSnapshot(writeLogSnapshot(entries)).map(({ key }) => key);
};

test("keys of groups and receivers with braces, colons and slashes are written as they are", () => {
  const keys = ['{}/{a="}:b/c"}:{x="/"}:all/webhook/1', "{}:{}:a/b}:c/d/slack/10", "{}:/email/0", "{}://0"];
  expect(keysAfter(keys)).toEqual(keys);
});

test("keys of another form are left out, long ones in one pass", () => {
  const long = [`${"}:".repeat(500_000)}/x`, `{}:${"/".repeat(1_000_000)}x`, "1".repeat(1_000_000)];
  expect(keysAfter(["", "/", "}:", "}:/0", "{}:a/b/1x", "a/b/1", ...long])).toEqual([]);
});
