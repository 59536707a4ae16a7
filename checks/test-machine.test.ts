import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { programFacts } from "./test-machine.ts";

test("programFacts() notices that a program was replaced, in any folder of the path, and returns nothing for missing programs", () => {
  const folder = mkdtempSync(join(tmpdir(), "narthex-programs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [first, second] = ["first", "second"].map((name) => join(folder, name));
  for (const place of [first!, second!]) mkdirSync(place);
  const program = join(second!, "openssl");
  writeFileSync(program, "1");
  const before = programFacts("openssl", `${first}:${second}`);
  expect(before).toHaveLength(1);
  expect(programFacts(program, "")).toEqual(before);
  writeFileSync(program, "newer");
  expect(programFacts("openssl", `${first}:${second}`)).not.toEqual(before);
  expect(programFacts("curl", `${first}:${second}`)).toEqual([]);
});
