import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { copyFolders, endStarted, restoreFolder, script, startDetached, SWITCH_OVER } from "./shell-lines.ts";

let folder = "";
const path = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ["commands", "old and new", "new"]) mkdirSync(path(name));
  command("sleep", "exit 0");
});

/** Replaces a system command by a script. */
const command = (name: string, text: string): void =>
  writeFileSync(path(`commands/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

/** Runs lines as a script of the plan. */
function run(lines: readonly string[]): SpawnSyncReturns<string> {
  writeFileSync(path("script.sh"), script(SWITCH_OVER, { about: "", needsRoot: false, lines }));
  const env = { PATH: `${path("commands")}:${process.env["PATH"] ?? ""}` };
  return spawnSync("sh", [path("script.sh")], { encoding: "utf8", env });
}

const copied = (): SpawnSyncReturns<string> =>
  run(copyFolders([{ from: "new", to: path("old and new/target") }], () => []));

const contents = (): string[] =>
  readdirSync(path("old and new"), { recursive: true, encoding: "utf8" }).filter((name) => name.includes("/"));

test.each([1, 2])("copy %i that a full disk cuts off has no final name, and a second run completes it", (failing) => {
  mkdirSync(path("old and new/target"));
  writeFileSync(path("old and new/target/mine"), "1");
  writeFileSync(path("new/theirs"), "2");
  command(
    "cp",
    `echo >>${path("calls")}; [ "$(wc -l <${path("calls")})" != ${failing} ] || {
    for to; do :; done; mkdir -p "$to"; echo >"$to/cut"; exit 1; }\nexec /bin/cp "$@"`,
  );
  expect(copied().status).toBe(1);
  expect(contents().filter((name) => name.endsWith("cut"))).toEqual([]);
  expect(readFileSync(path("old and new/target/mine"), "utf8")).toBe("1");
  expect(copied()).toMatchObject({ status: 0, stderr: "" });
  expect(copied().status).toBe(0);
  expect(contents().sort()).toEqual(["target.before-narthex/mine", "target/mine", "target/theirs"]);
  expect(run([restoreFolder(path("old and new/target"))]).status).toBe(0);
  expect(contents()).toEqual(["target/mine"]);
});

test("a started process is stopped by its pid file, and another process with its number is not", () => {
  const start = { words: ["tail", "-f", "/dev/null"], cwd: "/", envFile: undefined, log: "log", pidFile: "number" };
  expect(run(startDetached(start))).toMatchObject({ status: 0, stderr: "" });
  const [pid = "", started = ""] = readFileSync(path("number"), "utf8").split("\n");
  const isRunning = (): boolean =>
    /^State:\s+[^ZX]/m.test(spawnSync("cat", [`/proc/${pid}/status`], { encoding: "utf8" }).stdout);
  writeFileSync(path("number"), `${pid}\n${started}1\n`);
  expect([run(endStarted("number", ["echo next"])).stdout, isRunning()]).toEqual(["next\n", true]);
  writeFileSync(path("number"), `${pid}\n${started}\n`);
  expect([run(endStarted("number", ["echo next"])).stdout, isRunning()]).toEqual(["next\n", false]);
});

test("a process whose number cannot be written does not keep running", () => {
  const start = { words: ["tail", "-f", "/dev/null"], cwd: "/", envFile: undefined, log: "log", pidFile: "new" };
  expect(run([...startDetached(start)].map((line) => line.replace("exit 1", "wait; echo ended; exit 1"))).stdout).toBe(
    "ended\n",
  );
});
