import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { targets } from "../targets.ts";
import { executable } from "../testing/executables.ts";
import { executableKind } from "./executable-kind.ts";

test.each(targets)("executableKind() recognises a program for $name", (target) => {
  const { platform, arch, libc } = target;
  expect(executableKind(executable(target))).toEqual({ platform, arch, ...(libc !== undefined && { libc }) });
});

test("executableKind() recognises the machine that runs this test", () => {
  expect(executableKind(readFileSync(process.execPath))).toMatchObject({
    platform: process.platform,
    arch: process.arch,
  });
});

test.each([
  ["nothing", ""],
  ["a script", `#!/bin/sh\n${"#".repeat(5000)}`],
  ["a cut-off program", "\x7fELF"],
  ["MZ alone", `MZ${"\0".repeat(5000)}`],
])("executableKind() takes %s for no program", (_, text) => expect(executableKind(Buffer.from(text))).toBeUndefined());
