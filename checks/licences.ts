import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ThirdPartyPackage, thirdPartyPackages } from "../apps/release/src/records/third-party.ts";
import { markdownTable } from "./markdown-table.ts";
import { root } from "./sources.ts";

/** Accepted licences of packages that are delivered to users. */
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

/** Returns the installed production dependencies of every app and package of the workspace. */
export const productionPackages = (): readonly ThirdPartyPackage[] =>
  thirdPartyPackages(
    root,
    ["apps", "packages"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
  );

/**
 * Reports whether a licence is accepted. In an SPDX expression with AND, every licence must be accepted; with OR, one
 * is enough.
 */
export function isAccepted(licence: string): boolean {
  const hasOr = / OR /.test(licence);
  // Refuses an expression with both AND and OR, because a person must decide about it.
  if (hasOr && / AND /.test(licence)) return false;
  const names = licence.replace(/^\((.*)\)$/, "$1").split(/ OR | AND /);
  return hasOr ? names.some((name) => ACCEPTED.has(name)) : names.every((name) => ACCEPTED.has(name));
}

/** Returns one line for each package whose licence is not accepted. */
export const refusedPackages = (packages: readonly ThirdPartyPackage[]): string[] =>
  packages
    .filter(({ licence }) => !isAccepted(licence))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence}`);

/** Returns the generated parts of docs/licences.md. The result is the same on every platform. */
export function licencesPage(packages: readonly ThirdPartyPackage[] = productionPackages()): string[] {
  const rows = packages
    .filter((one) => !isForOneProcessor(one))
    .map(({ name, version, licence }) => [name, version, licence]);
  return [
    "Third-party packages of the roles and the user interface, each with its stated licence. The checks refuse licences that\n`checks/licences.ts` does not accept. Native modules, which differ by platform, are not listed.\n\nPictures are drawn with letters of the font DejaVu Sans, whose licence is that of Bitstream Vera.\n",
    markdownTable(["package", "version", "licence"], rows),
  ];
}

const isForOneProcessor = ({ folder }: ThirdPartyPackage): boolean =>
  "cpu" in (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as object);
