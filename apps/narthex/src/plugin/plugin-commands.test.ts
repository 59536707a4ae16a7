import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CONTRACT_TEXT, readPlugin } from "@narthex/plugins";
import { testHost } from "@narthex/runtime/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runPlugin } from "./main.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "narthex-plugin-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = testHost(args, { cwd: folder, env: { GF_PATHS_PLUGINS: "installed" } });
  const status = await runPlugin(host);
  return { status, out: host.output.stdout, err: host.output.stderr };
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Writes the blocks of the documentation that a sentence with the name of a file introduces. */
function followPage(): void {
  const page = readFileSync(join(root, "docs/plugins.md"), "utf8");
  for (const [, file, content] of page.matchAll(/`([a-z-]+\/[a-z.]+)`:\n\n```(?:js|json)\n(.*?)```/gs))
    writeFileSync(join(folder, file!), content!);
}

test.each([
  ["calendar-of-days", "panel"],
  ["pushgateway-groups", "source"],
])("the page of the documentation leads to the sample %s in an empty folder", async (name, kind) => {
  for (const [one, of] of [
    ["calendar-of-days", "panel"],
    ["pushgateway-groups", "source"],
  ] as const)
    expect((await run("create", one, "--kind", of)).status).toBe(0);
  followPage();
  const sample = join(root, "samples/plugins", name);
  expect(readdirSync(join(folder, name)).toSorted()).toEqual(readdirSync(sample).toSorted());
  for (const file of readdirSync(sample))
    expect(readFileSync(join(folder, name, file), "utf8"), file).toBe(readFileSync(join(sample, file), "utf8"));
  expect((await run("check", name)).out).toContain(`${name} 1.0.0: a ${kind} that is valid`);
  const sha256 = (await run("pack", name)).out.slice(0, 64);
  const installed = await run("install", `${name}-1.0.0.tgz`, "--sha256", sha256);
  expect([installed.status, installed.err]).toEqual([0, ""]);
  expect((await run("list")).out).toContain(`${name} 1.0.0 (${kind})`);
  expect(readFileSync(join(folder, "installed", name, "narthex-plugin.d.ts"), "utf8")).toBe(CONTRACT_TEXT);
  expect((await run("remove", name)).status).toBe(0);
  expect(existsSync(join(folder, "installed", name))).toBe(false);
});

test.each(["panel", "source"])("a new %s is valid as it was created", async (kind) => {
  await run("create", "sample", "--kind", kind);
  expect(await run("check", "sample")).toMatchObject({ status: 0, err: "" });
});

test.each(["panel", "source"])(
  "a new %s in TypeScript is valid, and its module has the types of the contract",
  async (kind) => {
    const { out } = await run("create", "sample", "--kind", kind, "--typescript");
    expect(out).toContain("sample/module.ts\n");
    expect(await run("check", "sample")).toMatchObject({ status: 0, err: "" });
    const types = join(root, "node_modules/typescript/bin/tsc");
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--allowImportingTsExtensions", "--module", "esnext"];
    const checked = spawnSync(process.execPath, [types, ...options, "--target", "esnext", "sample/module.ts"], {
      cwd: folder,
    });
    expect(String(checked.stdout)).toBe("");
    expect(readPlugin(join(folder, "sample")).code).toMatch(/export const (?:render|query) {2,}= /);
    const sha256 = (await run("pack", "sample")).out.slice(0, 64);
    expect(await run("install", "sample-0.1.0.tgz", "--sha256", sha256)).toMatchObject({ status: 0, err: "" });
  },
);

test("dev starts dashboards on this machine with the plugin's folder, and prints their address", async () => {
  await run("create", "sample");
  const host = { ...testHost(["dev", "sample", "--port", "3999"], { cwd: folder }), checksArguments: true };
  expect([await runPlugin(host), host.output.stdout]).toEqual([
    0,
    "The panel sample is loaded again after each change. Open http://127.0.0.1:3999/\n",
  ]);
  expect((await run("dev", "none")).err).toContain("none/plugin.json: the file is missing");
});

test("an archive needs its checksum, and the right one", async () => {
  await run("create", "sample");
  await run("pack", "sample");
  expect((await run("install", "sample-0.1.0.tgz")).err).toContain("an archive needs --sha256");
  const wrong = await run("install", "sample-0.1.0.tgz", "--sha256", "0".repeat(64));
  expect(wrong).toMatchObject({ status: 1, err: expect.stringContaining("not the confirmed one") });
  expect(existsSync(join(folder, "installed"))).toBe(false);
});

test.each([
  [["create"], "name the new plugin"],
  [["create", "../x"], "the name must have"],
  [["remove", "../x"], '"id" must have'],
  [["remove", "none"], 'contains no plugin "none"'],
  [["install", "none.tgz"], "none.tgz does not exist"],
  [["check", "none"], "none/plugin.json: the file is missing"],
])("narthex plugin %j fails with a sentence", async (args, message) => {
  expect(await run(...args)).toMatchObject({ status: 1, err: expect.stringContaining(message) });
});

test("a folder that exists is not overwritten", async () => {
  await run("create", "sample");
  expect((await run("create", "sample")).err).toContain("sample exists already");
});
