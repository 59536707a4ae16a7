import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const moduleAt = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/** Runs the CLI in a new process, with this code in place of the command promtool. */
function narthex(body: string, ...args: string[]) {
  const code = `
    import { commands } from ${moduleAt("commands.ts")};
    commands.find(({ name }) => name === "promtool").load = async () => async (host) => { ${body} };
    process.argv.splice(1, 0, "main");
    await import(${moduleAt("main.ts")});
  `;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", code, "--", ...args],
    { encoding: "utf8", cwd: import.meta.dirname },
  );
  return { status, stdout, stderr };
}

test.each([
  ["the command's status", "return 0;", 0],
  ["the command's status", "return 3;", 3],
  ["the command's status, whatever still holds the loop", "setInterval(() => {}, 1000); return 0;", 0],
  ["13 when nothing can settle the command's promise", "return new Promise(() => {});", 13],
  ["13 when nothing can settle it after a while", "await new Promise(setImmediate); await new Promise(() => {});", 13],
  ["1 when the command throws", 'throw new Error("no such thing");', 1],
  [
    "1 when a callback throws",
    'setImmediate(() => { throw new Error("no such thing"); }); await new Promise(() => {});',
    1,
  ],
])("the process ends with %s: %s", (_, body, wanted) => {
  const { status, stderr } = narthex(body, "promtool");
  expect(status).toBe(wanted);
  expect(stderr.includes("no such thing")).toBe(wanted === 1);
});

test.each([["--version"], ["--help"]])("%s exits with 0", (flag) => {
  const { status, stdout } = narthex("", flag);
  expect([status, stdout]).toEqual([0, expect.stringContaining("narthex")]);
});

test("an unknown command exits with 1", () => {
  expect(narthex("", "sever")).toMatchObject({ status: 1, stdout: "" });
});
