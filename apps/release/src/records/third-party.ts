import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { standardLicence } from "./standard-licences.ts";

/** A third-party package in a release. */
export interface ThirdPartyPackage {
  readonly name: string;
  readonly version: string;
  /** Licence field of the package's manifest, usually an SPDX expression. */
  readonly licence: string;
  readonly folder: string;
}

type Person = string | { readonly name?: string };

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly author?: Person;
  readonly contributors?: readonly Person[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages of the workspace whose code is part of a release. */
export const SHIPPED_APPS = ["apps/narthex", "apps/ui", "apps/docs"] as const;

/**
 * Matches packages that are left out: the build removes types, and the native packages are selected for each target.
 */
const LEFT_OUT = /^@(?:types|koromix)\//;

/**
 * Returns the installed run-time dependencies of the given packages, direct and indirect, sorted. The bundler may leave
 * out code that is never used.
 */
export function thirdPartyPackages(root: string, folders: readonly string[]): readonly ThirdPartyPackage[] {
  const seen = new Set<string>();
  const found = new Map<string, ThirdPartyPackage>();
  const waiting = folders.map((folder) => join(root, folder));
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const manifest = readManifest(folder);
    const { name, version, license = "" } = manifest;
    if (folder.includes("/node_modules/")) {
      const licence = typeof license === "string" ? license : (license.type ?? "");
      found.set(`${name}@${version}`, { name, version, licence: licence === "" ? "unknown" : licence, folder });
    }
    for (const wanted of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      const place = LEFT_OUT.test(wanted) ? undefined : installedAt(folder, wanted);
      if (place !== undefined) waiting.push(place);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/**
 * Returns the folder of an installed dependency, in the package's own node_modules or in pnpm's store. Returns
 * undefined for an optional dependency that is not installed.
 */
function installedAt(folder: string, name: string): string | undefined {
  const modules = folder.slice(0, folder.lastIndexOf("/node_modules/") + "/node_modules".length);
  const candidates = [join(folder, "node_modules", name), join(modules, name)];
  const installed = candidates.find((one) => existsSync(join(one, "package.json")));
  return installed === undefined ? undefined : realpathSync(installed);
}

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i;

/**
 * Returns the texts of licences and notices in a package, by file name. For a package without such a file, returns the
 * standard text of its licence.
 */
export function licenceTexts({ name: packageName, licence, folder }: ThirdPartyPackage): readonly string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map(({ name }) => name);
  if (names.length > 0) return names.sort().map((name) => readFileSync(join(folder, name), "utf8").trim());
  const { author, contributors = [] } = readManifest(folder);
  const people = [author, ...contributors].flatMap((one) => (typeof one === "string" ? one : one?.name) ?? []);
  const holder = people.length > 0 ? people.join(", ") : `the authors of ${packageName}`;
  return [standardLicence(licence, holder) ?? []].flat();
}
