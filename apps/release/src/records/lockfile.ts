import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { PackageVersion } from "../parts/npm-package.ts";
import { ReleaseError } from "../release-error.ts";

interface LockedPackages {
  readonly packages: Readonly<Record<string, { readonly resolution?: { readonly integrity?: string } }>>;
}

/** Versions and hashes in pnpm's lockfile. */
export class Lockfile {
  readonly bytes: Uint8Array;
  readonly #path: string;
  readonly #integrity: ReadonlyMap<string, string>;

  constructor(path: string) {
    this.#path = path;
    this.bytes = readFileSync(path);
    const { packages } = parse(Buffer.from(this.bytes).toString("utf8")) as LockedPackages;
    this.#integrity = new Map(
      Object.entries(packages).map(([key, { resolution }]) => [key, resolution?.integrity ?? ""]),
    );
  }

  /** Returns a package that has exactly one version. Throws ReleaseError. */
  package(name: string): PackageVersion {
    const keys = [...this.#integrity.keys()].filter((key) => key.slice(0, key.lastIndexOf("@")) === name);
    const [key] = keys;
    if (key === undefined || keys.length > 1)
      throw new ReleaseError(`${this.#path} has ${keys.length} versions of ${name}, and one is needed`);
    return { name, version: key.slice(name.length + 1), integrity: this.#integrity.get(key)! };
  }

  /** Returns the hash of a tarball; undefined if the lockfile does not contain the package. */
  integrity(name: string, version: string): string | undefined {
    return this.#integrity.get(`${name}@${version}`);
  }
}
