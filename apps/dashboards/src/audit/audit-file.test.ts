import { mkdirSync, readFileSync, renameSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { AuditFile } from "./audit-file.ts";

test("the file is readable for its user only, and a moved file is followed by a new one", async () => {
  const path = join(temporaryFolder(), "audit.jsonl");
  const file = new AuditFile(path, memoryLogger());
  file.append(["1", "2"]);
  file.append(["3"]);
  await file.flush();
  expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["1\n2\n3\n", 0o600]);
  renameSync(path, `${path}.1`);
  file.append(["4"]);
  await file.flush();
  expect(readFileSync(path, "utf8")).toBe("4\n");
});

test("lines that the disk refuses are counted and logged once, and later lines are written", async () => {
  const path = join(temporaryFolder(), "audit.jsonl");
  mkdirSync(path);
  const logger = memoryLogger();
  const file = new AuditFile(path, logger);
  file.append(["1", "2"]);
  await file.flush();
  file.append(["3"]);
  await file.flush();
  expect([file.lost, logger.lines.filter(({ message }) => message.includes("failed")).length]).toEqual([3, 1]);
  rmdirSync(path);
  file.append(["4"]);
  await file.flush();
  expect([readFileSync(path, "utf8"), file.lost]).toEqual(["4\n", 3]);
});

test("lines that wait for the disk have a limit", async () => {
  const path = join(temporaryFolder(), "audit.jsonl");
  const file = new AuditFile(path, memoryLogger());
  const line = "x".repeat(1024 * 1024 - 1);
  for (let i = 0; i < 8; i++) file.append([line]);
  await file.flush();
  // The first of eight lines is written while four lines wait in the queue. The other three lines must be counted as
  // lost.
  expect(file.lost).toBe(3);
  file.append(["last"]);
  await file.flush();
  expect(readFileSync(path, "utf8")).toMatch(/last\n$/);
});
