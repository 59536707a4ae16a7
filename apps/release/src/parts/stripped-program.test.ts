import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { targets } from "../targets.ts";
import { executable } from "../testing/executables.ts";
import { strippedProgram } from "./stripped-program.ts";

const named = (name: string) => targets.find((one) => one.name === name)!;
const signal = new AbortController().signal;

test("Node of a target is stripped by the program for the target's processor", async () => {
  const target = named("linux-arm64");
  const program = executable(target);
  const runs: string[] = [];
  const stripped = await strippedProgram(target, program, {
    signal,
    warn: () => expect.fail(),
    has: (tool) => tool === "aarch64-linux-gnu-strip",
    run: async (tool, args) => {
      runs.push(tool, args[0]!);
      writeFileSync(args[1]!, program.subarray(0, 6000));
      return "";
    },
  });
  expect([stripped.length, ...runs]).toEqual([6000, "aarch64-linux-gnu-strip", "--strip-all"]);
});

test("without a fitting program, Node stays as it is and a line names the package to install", async () => {
  const target = named(process.arch === "arm64" ? "linux-x64" : "linux-arm64");
  const program = executable(target);
  const lines: string[] = [];
  const options = { signal, warn: (line: string) => void lines.push(line), has: (tool: string) => tool === "strip" };
  expect(await strippedProgram(target, program, options)).toBe(program);
  expect(lines).toEqual([expect.stringMatching(/keeps its debug information.*apt-get install binutils-/)]);
});

test("Node for other systems than Linux stays as it is, without a line", async () => {
  const program = executable(named("windows-x64"));
  const options = { signal, warn: () => expect.fail(), has: () => true };
  expect(await strippedProgram(named("windows-x64"), program, options)).toBe(program);
});

test("a program that is damaged by strip is refused", async () => {
  const target = named("linux-x64");
  const run = async (_tool: string, args: readonly string[]): Promise<string> => {
    writeFileSync(args[1]!, executable(named("linux-arm64")));
    return "";
  };
  const options = { signal, warn: () => expect.fail(), has: () => true, run };
  await expect(strippedProgram(target, executable(target), options)).rejects.toThrow("damaged Node for linux-x64");
});

const lacksStrip = process.platform !== "linux" || spawnSync("strip", ["--version"]).status !== 0;

test.skipIf(lacksStrip)("a stripped program runs, and is the same each time", async () => {
  const path = join(temporaryFolder(), "true");
  const target = named(process.arch === "arm64" ? "linux-arm64" : "linux-x64");
  const program = readFileSync("/bin/true");
  const options = { signal, warn: () => expect.fail() };
  const stripped = await strippedProgram(target, program, options);
  writeFileSync(path, stripped, { mode: 0o755 });
  expect(spawnSync(path).status).toBe(0);
  expect(Buffer.compare(stripped, await strippedProgram(target, program, options))).toBe(0);
});
