import { below, file, joined, program } from "../files/file-tree.ts";
import { gzip } from "../files/gzip.ts";
import { tar } from "../files/tar.ts";
import { npmLauncher } from "../parts/launchers.ts";
import { addressFields, addressParagraph } from "../project-address.ts";
import { programNotices } from "../records/notices.ts";
import { sbom } from "../records/sbom.ts";
import type { Format } from "./format.ts";

/**
 * The README uses the name of the package's file, because the package is in no registry. With a package name, npx would
 * download another package from the registry.
 */
const README = `# Narthex

Monitoring: metrics, alerts and dashboards in one program. Start the whole stack:

    npm install ./narthex-VERSION.tgz
    npx --no-install narthex up

\`npx --no-install narthex --help\` lists the commands. LICENSE and NOTICES.txt contain the licences.
`;

/** The npm package `narthex`: the bundle and the pages. The user provides Node, and npm selects the native parts. */
export const npm: Format = {
  name: "npm",
  async make({ version, source, files, starter, share, licence, packages, lockfile }, out) {
    const koffi = lockfile.package("koffi");
    const manifest = {
      name: "narthex",
      version,
      description: "Monitoring: metrics, alerts and dashboards in one program",
      license: "Apache-2.0",
      ...addressFields(source.address),
      bin: { narthex: "bin/narthex.js" },
      man: ["share/man/man1/narthex.1"],
      engines: { node: ">=24" },
      dependencies: { koffi: koffi.version },
    };
    // Leaves out koffi, which npm installs as a dependency.
    const inside = packages.filter(({ name }) => name !== "koffi");
    const tree = joined(
      new Map([["bin/narthex.js", program(npmLauncher({ revision: source.revision }))]]),
      below("lib/narthex", files.program),
      starter,
      below("share", share),
      new Map([
        ["package.json", file(`${JSON.stringify(manifest, null, 2)}\n`)],
        ["LICENSE", file(licence)],
        ["NOTICES.txt", file(programNotices(inside))],
        ["README.md", file(README + addressParagraph(source.address))],
        ["sbom.cdx.json", file(sbom({ version, packages, lockfile }))],
      ]),
    );
    out.file(`narthex-${version}.tgz`, await gzip(await tar(tree, { epoch: source.epoch, top: "package" })));
  },
};
