import { createHash } from "node:crypto";
import { mkdtempDisposableSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { FileTree } from "../files/file-tree.ts";
import { untar } from "../files/tar.ts";
import { ReleaseError } from "../release-error.ts";
import { runProgram } from "./run-program.ts";

export interface PackageVersion {
  readonly name: string;
  readonly version: string;
  /** Hash of the tarball in a lockfile's form: `sha512-` and base64. */
  readonly integrity: string;
}

/** Resolves with the files of a published package, from npm or its cache. Rejects with ReleaseError. */
export async function fetchPackage(wanted: PackageVersion, signal: AbortSignal): Promise<FileTree> {
  const { name, version, integrity } = wanted;
  using temporary = mkdtempDisposableSync(join(tmpdir(), "narthex-release-"));
  const folder = temporary.path;
  const args = ["pack", `${name}@${version}`, `--pack-destination=${folder}`, "--prefer-offline", "--silent"];
  await runProgram("npm", args, { cwd: folder, signal });
  const [tarball] = readdirSync(folder);
  if (tarball === undefined) throw new ReleaseError(`npm pack wrote nothing for ${name}@${version}`);
  const bytes = readFileSync(join(folder, tarball));
  const found = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (found !== integrity)
    throw new ReleaseError(`${name}@${version} has the hash ${found} instead of ${integrity}; do not use it`);
  return await untar(gunzipSync(bytes));
}
