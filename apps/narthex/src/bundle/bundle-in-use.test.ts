import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { commandLines, isInUse } from "./bundle-in-use.ts";

class Folder {
  readonly path = temporaryFolder();

  write(name: string, text = ""): void {
    mkdirSync(join(this.path, name, ".."), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }
}

test("a bundle is in use if a process's command line contains its path, even without a pid file", () => {
  const folder = new Folder();
  expect(isInUse(folder.path, [`node --x ${folder.path}/main.js server`])).toBe(true);
  expect(isInUse(folder.path, [`node --x ${folder.path}-b/main.js server`, "node /opt/main.js"])).toBe(false);
});

test("a bundle is in use while a process of one of its pid files runs", () => {
  const folder = new Folder();
  // Process id 2000000000 is above the highest possible id, so no process has it.
  folder.write("pid.2000000000");
  expect(isInUse(folder.path, [])).toBe(false);
  folder.write(`pid.${process.pid}`);
  expect(isInUse(folder.path, [])).toBe(true);
});

test("commandLines() reads /proc, and skips processes that have ended", () => {
  const proc = new Folder();
  proc.write("self/cmdline");
  proc.write("12/cmdline", "node\0/opt/bundle-a/main.js\0server\0");
  proc.write("13/other");
  proc.write("sys/cmdline", "no process");
  expect(commandLines(proc.path)).toEqual(["node /opt/bundle-a/main.js server "]);
});
