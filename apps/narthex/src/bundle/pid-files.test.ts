import { EventEmitter } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { removePidFileAtExit, runningPids } from "./pid-files.ts";

/** Process id 2000000000 is above the highest possible id, so no process has it. */
const ENDED = 2_000_000_000;

/** Returns the text of /proc/<pid>/stat of a process that started at this time. */
const stat = (started: number): string => `7 (a b) c) S ${"0 ".repeat(18)}${started} 0 0\n`;

function folders(files: Readonly<Record<string, string>>, procStat: string | undefined) {
  const bundle = temporaryFolder();
  const proc = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(bundle, name), text);
  if (procStat !== undefined) {
    mkdirSync(join(proc, String(process.pid)));
    writeFileSync(join(proc, String(process.pid), "stat"), procStat);
  }
  return { bundle, proc };
}

const own = `pid.${process.pid}`;

test("pid files of processes that have ended are removed", () => {
  const { bundle, proc } = folders({ [`pid.${ENDED}`]: "", [own]: "", "main.js": "" }, undefined);
  expect(runningPids(bundle, proc)).toEqual([process.pid]);
  expect(readdirSync(bundle).sort()).toEqual(["main.js", own].sort());
});

test.each([
  ["the same start time is the process that wrote the file", stat(500), stat(500), true],
  ["another start time is a new process with the number of an ended one", stat(500), stat(501), false],
  ["no start time in the file counts as running", "", stat(501), true],
  ["no /proc counts as running", stat(500), undefined, true],
])("a process with %s", (_title, written, now, runs) => {
  const { bundle, proc } = folders({ [own]: written }, now);
  expect(runningPids(bundle, proc)).toEqual(runs ? [process.pid] : []);
  expect(readdirSync(bundle)).toEqual(runs ? [own] : []);
});

test("a role removes its pid file when it ends, and those of killed roles when it starts", () => {
  const { bundle } = folders({ [own]: "", [`pid.${ENDED}`]: "" }, undefined);
  const current = Object.assign(new EventEmitter(), { pid: process.pid }) as unknown as NodeJS.Process;
  removePidFileAtExit(bundle, current);
  expect(readdirSync(bundle)).toEqual([own]);
  current.emit("exit", 0);
  expect(readdirSync(bundle)).toEqual([]);
});

test("a process without a pid file changes nothing", () => {
  const { bundle } = folders({ [`pid.${ENDED}`]: "" }, undefined);
  removePidFileAtExit(bundle);
  removePidFileAtExit(join(bundle, "missing"));
  expect(readdirSync(bundle)).toEqual([`pid.${ENDED}`]);
});
