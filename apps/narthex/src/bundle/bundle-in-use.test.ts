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

test("a bundle is in use while a process names it, though it noted nothing down", () => {
  const folder = new Folder();
  expect(isInUse(folder.path, [`node --x ${folder.path}/main.js server`])).toBe(true);
  expect(isInUse(folder.path, [`node --x ${folder.path}-b/main.js server`, "node /opt/main.js"])).toBe(false);
});

test("a bundle is in use while a process lives that is noted down in it", () => {
  const folder = new Folder();
  // No process has a number as high as this.
  folder.write("pid.2000000000");
  expect(isInUse(folder.path, [])).toBe(false);
  folder.write(`pid.${process.pid}`);
  expect(isInUse(folder.path, [])).toBe(true);
});

test("commandLines() are those of /proc, without the ones that have ended", () => {
  const proc = new Folder();
  proc.write("self/cmdline");
  proc.write("12/cmdline", "node\0/opt/bundle-a/main.js\0server\0");
  proc.write("13/other");
  proc.write("sys/cmdline", "no process");
  expect(commandLines(proc.path)).toEqual(["node /opt/bundle-a/main.js server "]);
});
