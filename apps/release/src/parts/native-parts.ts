import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Entry, type FileTree, readTree } from "../files/file-tree.ts";
import { ReleaseError } from "../release-error.ts";
import type { Target } from "../targets.ts";
import type { Lockfile } from "../records/lockfile.ts";
import { fetchPackage, type PackageVersion } from "./npm-package.ts";

/** koffi as the bundle wants it: what it runs, and the native part of one machine. */
export interface NativeParts {
  /** Below node_modules. */
  readonly tree: FileTree;
  /** The package with the native part. */
  readonly package: PackageVersion;
}

/** Of koffi's package the files that are run; the rest is its sources. */
const RUN = ["package.json", "LICENSE.txt", "index.cjs", "src/koffi/index.cjs", "src/koffi/src/static.cjs"];

/** @param folder of koffi as it is installed in the checkout */
export async function nativeParts(
  target: Target,
  folder: string,
  lockfile: Lockfile,
  signal: AbortSignal,
): Promise<NativeParts> {
  const name = `@koromix/koffi-${target.platform}-${target.arch}`;
  const wanted = lockfile.package(name);
  const installed = join(dirname(realpathSync(folder)), name);
  const native = existsSync(installed) ? readTree(realpathSync(installed)) : await fetchPackage(wanted, signal);
  const tree = new Map<string, Entry>();
  const take = (from: FileTree, path: string, place: string): void => {
    const entry = from.get(path);
    if (entry === undefined) throw new ReleaseError(`${place} has no ${path}; is this another version of koffi?`);
    tree.set(`${place}/${path}`, entry.kind === "file" ? { ...entry, isExecutable: false } : entry);
  };
  const koffi = readTree(folder);
  for (const path of RUN) take(koffi, path, "koffi");
  for (const path of ["package.json", "index.js", `${target.koffi}/koffi.node`]) take(native, path, name);
  return { tree, package: wanted };
}
