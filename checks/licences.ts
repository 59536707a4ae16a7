import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ThirdPartyPackage, thirdPartyPackages } from "../apps/release/src/records/third-party.ts";
import { markdownTable } from "./markdown-table.ts";
import { root } from "./sources.ts";

/** Licences that a package which users are given may have. */
const ACCEPTED: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
]);

/** What every app and package of the workspace needs in production, as it is installed. */
export const productionPackages = (): readonly ThirdPartyPackage[] =>
  thirdPartyPackages(
    root,
    ["apps", "packages"].flatMap((place) => readdirSync(join(root, place)).map((name) => `${place}/${name}`)),
  );

/** Whether accepted licences are enough: for each of those that an SPDX expression joins by AND, for one of those by OR. */
export function isAccepted(licence: string): boolean {
  const hasOr = / OR /.test(licence);
  // Which of both binds closer is for a reader to say.
  if (hasOr && / AND /.test(licence)) return false;
  const names = licence.replace(/^\((.*)\)$/, "$1").split(/ OR | AND /);
  return hasOr ? names.some((name) => ACCEPTED.has(name)) : names.every((name) => ACCEPTED.has(name));
}

/** Packages whose licence is not accepted, each in a line. */
export const refusedPackages = (packages: readonly ThirdPartyPackage[]): string[] =>
  packages
    .filter(({ licence }) => !isAccepted(licence))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence}`);

/** The parts of docs/licences.md, the same on every platform. */
export function licencesPage(packages: readonly ThirdPartyPackage[] = productionPackages()): string[] {
  const rows = packages
    .filter((one) => !isForOneProcessor(one))
    .map(({ name, version, licence }) => [name, version, licence]);
  return [
    "Third-party packages of the roles and the user interface, each with its stated licence. The checks refuse licences that\n`checks/licences.ts` does not accept. Native modules, which differ by platform, are not listed.\n",
    markdownTable(["package", "version", "licence"], rows),
  ];
}

const isForOneProcessor = ({ folder }: ThirdPartyPackage): boolean =>
  "cpu" in (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as object);
