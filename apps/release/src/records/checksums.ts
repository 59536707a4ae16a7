import type { Digested } from "./provenance.ts";

/** Returns a file for `sha256sum --check`. */
export const checksums = (files: readonly Digested[]): string =>
  files
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
    .join("");
