import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { SyncMark } from "../wal/sync-mark.ts";
import { LogGap } from "./log-gap.ts";

let dir = "";
beforeEach(() => {
  dir = temporaryFolder();
  diskFiles.makeFolder(join(dir, "wal"));
  diskFiles.makeFolder(join(dir, "wbl"));
});

const reopened = (): LogGap => new LogGap(dir, diskFiles);

test("a gap ends when the last chunk file that existed at its time is removed", () => {
  expect(reopened().logsHaveAll).toBe(true);
  reopened().note(7);
  reopened().note(5);
  expect(reopened().logsHaveAll).toBe(false);
  reopened().found(7, 9);
  expect(reopened().logsHaveAll).toBe(false);
  reopened().found(8, 9);
  expect(reopened().logsHaveAll).toBe(true);
  reopened().note(9);
  reopened().found(0, 0);
  expect(reopened().logsHaveAll).toBe(true);
  expect(readdirSync(dir)).toEqual(["wal", "wbl"]);
});

test.each(["wal", "wbl"])(
  "chunk files that exist after %s was left unsynced may be the only copy of their samples of their samples",
  (log) => {
    const mark = new SyncMark(join(dir, log), diskFiles);
    mark.set(3);
    const gap = reopened();
    expect(gap.logsHaveAll).toBe(false);
    gap.found(2, 4);
    mark.clear();
    expect(reopened().logsHaveAll).toBe(false);
    reopened().found(5, 6);
    expect(reopened().logsHaveAll).toBe(true);
  },
);

test("if the file is invalid, all chunk files that the next start finds may be the only copy of their samples of their samples", () => {
  writeFileSync(join(dir, "log-gap"), "7 torn");
  expect(reopened().logsHaveAll).toBe(false);
  reopened().found(1, 2);
  expect(reopened().logsHaveAll).toBe(false);
  reopened().found(3, 3);
  expect(reopened().logsHaveAll).toBe(true);
});
