import { gzip } from "../files/gzip.ts";
import { tar } from "../files/tar.ts";
import type { Format } from "./format.ts";

/** Format of a tar.gz archive. The program in the archive's folder runs at any path without installation. */
export const tarGz: Format = {
  name: "tar.gz",
  suits: () => true,
  async makeForTarget({ version, source }, { target, tree, sbom }, out) {
    const name = `narthex-${version}-${target.name}`;
    out.folder(`unpacked/${name}`, tree, source.epoch);
    out.file(`${name}.tar.gz`, await gzip(await tar(tree, { epoch: source.epoch, top: name })));
    out.file(`${name}.cdx.json`, sbom);
  },
};
