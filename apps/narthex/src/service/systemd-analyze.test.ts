import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { commandLine, unitFile } from "./unit-file.ts";

const analyze = (...args: readonly string[]) => spawnSync("systemd-analyze", args, { encoding: "utf8" });

const lacksSystemd = analyze("--version").status !== 0;

const argument = fc
  .oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."\\\"'%$;#{} \t\n@:+!-ax0".split("")) }))
  .map((text) => text.replace(/[\0\p{Noncharacter_Code_Point}\p{Surrogate}]/gu, ""));

/** Runs systemd-analyze on units with these command lines, and returns its status and output. */
function verdictOn(commandLines: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const folder = temporaryFolder();
  const files = commandLines.map((line, i) => {
    const file = join(folder, `narthex-${i}.service`);
    writeFileSync(file, unitFile("x", [{ name: "Service", settings: [["ExecStart", line]] }]));
    return file;
  });
  const { status, stderr } = analyze("verify", ...files);
  return { status, stderr };
}

test.skipIf(lacksSystemd)("systemd accepts every command line that a unit can have", () => {
  const lines = fc.sample(fc.array(argument), 40).map((args) => commandLine("/bin/true", args));
  expect(verdictOn(lines)).toEqual({ status: 0, stderr: "" });
});

test.skipIf(lacksSystemd)("systemd reports an error for an unquoted command line", () => {
  expect(verdictOn(['/bin/true "a'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("Unbalanced quoting"),
  });
});
