import type { Digested } from "./provenance.ts";

/** A file that `sha256sum --check` reads. */
export const checksums = (files: readonly Digested[]): string =>
  files
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
    .join("");
