import { licenceTexts, type ThirdPartyPackage } from "./third-party.ts";

const LINE = "=".repeat(100);

/** Returns the file with the licences of everything in the release, Node's first. */
export function notices(packages: readonly ThirdPartyPackage[], node?: { version: string; licence: string }): string {
  const parts = [
    "Narthex is licensed under the Apache License 2.0; see LICENSE. It contains these works of others.",
    ...(node === undefined ? [] : [`Node.js ${node.version}\n\n${node.licence.trim()}`]),
    ...packages.map((one) => {
      const { name, version, licence } = one;
      return [`${name} ${version} (${licence})`, ...licenceTexts(one)].join("\n\n");
    }),
  ];
  return `${parts.join(`\n\n${LINE}\n\n`)}\n`;
}
