import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { programState } from "./test-machine.ts";

test("programState() notices that a program was replaced, in any folder of the path, and returns nothing for missing programs", () => {
  const folder = mkdtempSync(join(tmpdir(), "narthex-programs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [first, second] = ["first", "second"].map((name) => join(folder, name));
  for (const one of [first!, second!]) mkdirSync(one);
  const program = join(second!, "openssl");
  writeFileSync(program, "1");
  const before = programState("openssl", `${first}:${second}`);
  expect(before).toHaveLength(1);
  expect(programState(program, "")).toEqual(before);
  writeFileSync(program, "newer");
  expect(programState("openssl", `${first}:${second}`)).not.toEqual(before);
  expect(programState("curl", `${first}:${second}`)).toEqual([]);
});
