import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Entry, type FileTree, readTree } from "../files/file-tree.ts";
import { ReleaseError } from "../release-error.ts";
import type { Target } from "../targets.ts";
import type { Lockfile } from "../records/lockfile.ts";
import { fetchPackage, type PackageVersion } from "./npm-package.ts";

/** The files of koffi that the bundle loads, and the native part for one target. */
export interface NativeParts {
  /** Paths below node_modules. */
  readonly tree: FileTree;
  /** The package that contains the native part. */
  readonly package: PackageVersion;
}

/** Files of koffi that are needed at run time. The other files in its package are sources. */
const RUN = ["package.json", "LICENSE.txt", "index.cjs", "src/koffi/index.cjs", "src/koffi/src/static.cjs"];

/** @param folder folder of koffi in the checkout */
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
  const take = (from: FileTree, path: string, destination: string): void => {
    const entry = from.get(path);
    if (entry === undefined) throw new ReleaseError(`${destination} has no ${path}; is this another version of koffi?`);
    tree.set(`${destination}/${path}`, entry.kind === "file" ? { ...entry, isExecutable: false } : entry);
  };
  const koffi = readTree(folder);
  for (const path of RUN) take(koffi, path, "koffi");
  for (const path of ["package.json", "index.js", `${target.koffi}/koffi.node`]) take(native, path, name);
  return { tree, package: wanted };
}
