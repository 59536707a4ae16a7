import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { refusing } from "../testing/refusing-files.ts";
import { LogGap } from "./log-gap.ts";
import { readNumber } from "./number-file.ts";

let dir = "";
beforeEach(() => {
  dir = temporaryFolder();
  diskFiles.makeFolder(join(dir, "wal"));
  diskFiles.makeFolder(join(dir, "wbl"));
});

const reopened = (): LogGap => new LogGap(dir, diskFiles);

/** Simulates a process that finds chunk files with the given numbers at its start. Returns its log gap. */
function run(oldest: number, newest: number, files = diskFiles): LogGap {
  const gap = new LogGap(dir, files);
  gap.begin(oldest, newest);
  return gap;
}

test("a gap ends when the last chunk file that existed at its time is removed", () => {
  const gap = run(0, 0);
  expect(gap.logsHaveAll).toBe(true);
  gap.note(7);
  gap.note(5);
  gap.end(memoryLogger());
  expect(reopened().logsHaveAll).toBe(false);
  run(7, 9).end(memoryLogger());
  expect(reopened().logsHaveAll).toBe(false);
  run(8, 9).end(memoryLogger());
  expect(reopened().logsHaveAll).toBe(true);
  expect([...diskFiles.list(dir)]).toEqual(["log-gap", "wal", "wbl"]);
});

test("chunk files that exist after a process was killed may be the only copy of their samples", () => {
  run(0, 0).end(memoryLogger());
  run(0, 0);
  expect(reopened().logsHaveAll).toBe(false);
  const gap = run(2, 4);
  expect([gap.haveAllOf(4), gap.haveAllOf(5)]).toEqual([false, true]);
  gap.end(memoryLogger());
  expect(reopened().logsHaveAll).toBe(false);
  run(5, 6).end(memoryLogger());
  expect(reopened().logsHaveAll).toBe(true);
});

test.each(["wal", "wbl"])("a folder in which an earlier version was killed counts as one after a kill, once", (log) => {
  run(0, 0).end(memoryLogger());
  writeFileSync(join(dir, log, "unsynced"), "3 torn");
  expect(reopened().logsHaveAll).toBe(false);
  run(0, 0).end(memoryLogger());
  expect(readdirSync(join(dir, log))).toEqual([]);
  expect(reopened().logsHaveAll).toBe(true);
});

test("if the file is invalid, or cannot be written, all chunk files that the next start finds may be the only copy", () => {
  writeFileSync(join(dir, "log-gap"), "7 torn");
  expect(reopened().logsHaveAll).toBe(false);
  run(1, 2).end(memoryLogger());
  expect(reopened().logsHaveAll).toBe(false);
  const logger = memoryLogger();
  run(
    3,
    3,
    refusing("rename", () => true, "EIO"),
  ).end(logger);
  expect(reopened().logsHaveAll).toBe(false);
  expect(logger.lines).toMatchObject([
    { level: "warn", message: expect.stringContaining("treats each head chunk file as the only copy") },
  ]);
});

test("while a process runs, the file exists without a number, because earlier versions take a missing file for complete logs", () => {
  run(0, 0).end(memoryLogger());
  expect(readNumber(join(dir, "log-gap"), diskFiles)).toBe(0);
  run(0, 0);
  expect(readNumber(join(dir, "log-gap"), diskFiles)).toBe("damaged");
});

test.each(["open", "syncNow"] as const)("a start on a disk that refuses %s of the file leaves no number", (call) => {
  run(0, 0).end(memoryLogger());
  run(
    0,
    0,
    refusing(call, () => true),
  );
  expect(reopened().logsHaveAll).toBe(false);
});
