import { glyphLicence } from "./glyph-licence.ts";
import { licenceTexts, type ThirdPartyPackage } from "./third-party.ts";

const LINE = "=".repeat(100);

/** Returns the file with the licences of everything in a release of the program, Node's first. */
export const programNotices = (
  packages: readonly ThirdPartyPackage[],
  node?: { version: string; licence: string },
): string => notices(packages, [...(node === undefined ? [] : [nodeNotice(node)]), glyphLicence()]);

const nodeNotice = ({ version, licence }: { version: string; licence: string }): string =>
  `Node.js ${version}\n\n${licence.trim()}`;

/** Returns the file with the licences of packages. The licences of other works come first. Equal texts are there once. */
export function notices(packages: readonly ThirdPartyPackage[], others: readonly string[] = []): string {
  const namesByText = new Map<string, string[]>();
  for (const one of packages) {
    const text = licenceTexts(one).join("\n\n");
    const names = namesByText.get(text) ?? [];
    names.push(`${one.name} ${one.version} (${one.licence})`);
    namesByText.set(text, names);
  }
  const parts = [
    "Narthex is licensed under the Apache License 2.0; see LICENSE. It contains these works of others.",
    ...others,
    ...[...namesByText].map(([text, names]) => `${names.join("\n")}\n\n${text}`.trimEnd()),
  ];
  return `${parts.join(`\n\n${LINE}\n\n`)}\n`;
}
