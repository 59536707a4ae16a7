import { gzip } from "../files/gzip.ts";
import { tar } from "../files/tar.ts";
import { libraryPackage } from "../libraries/library-package.ts";
import { libraries as rows } from "../libraries/registry.ts";
import type { Format } from "./format.ts";

/** Format with one npm package for each library. File names are those of `npm pack`. */
export const libraries: Format = {
  name: "libraries",
  async makeFromSources(parts, out, signal) {
    for (const row of rows) {
      const tree = await libraryPackage(row, parts, signal);
      const bytes = await gzip(await tar(tree, { epoch: parts.source.epoch, top: "package" }));
      out.file(`narthex-${row.name}-${parts.version}.tgz`, bytes);
    }
  },
};
