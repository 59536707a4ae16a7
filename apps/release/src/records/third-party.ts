import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** A package of somebody else's that a release has in it. */
export interface ThirdPartyPackage {
  readonly name: string;
  readonly version: string;
  /** What its manifest says: an SPDX expression as a rule. */
  readonly licence: string;
  readonly folder: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages of the workspace whose code users are given. */
export const SHIPPED_APPS = ["apps/narthex", "apps/ui", "apps/docs"] as const;

/** Not in a release: types are gone when it is built, and native parts are chosen for the target. */
const LEFT_OUT = /^@(?:types|koromix)\//;

/**
 * What the given packages of the workspace need to run, with what that needs, as it is installed; sorted. The bundler may
 * have left out parts of it, and whole packages that nothing of a release calls.
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

/** Below a package of the workspace, or beside one that pnpm has put among its dependencies; undefined for what is optional. */
function installedAt(folder: string, name: string): string | undefined {
  const beside = folder.slice(0, folder.lastIndexOf("/node_modules/") + "/node_modules".length);
  const places = [join(folder, "node_modules", name), join(beside, name)];
  const place = places.find((one) => existsSync(join(one, "package.json")));
  return place === undefined ? undefined : realpathSync(place);
}

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i;

/** Texts of licences and notices that a package has in it, by the names of their files. */
export function licenceTexts({ folder }: ThirdPartyPackage): readonly string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map(({ name }) => name);
  return names.sort().map((name) => readFileSync(join(folder, name), "utf8").trim());
}
