import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { processHost } from "@narthex/runtime";
import { below, file, type FileTree, joined, program, writeTree } from "./files/file-tree.ts";
import { sha256 } from "./files/sha256.ts";
import { nativeParts } from "./parts/native-parts.ts";
import { nodeRuntime } from "./parts/node-runtime.ts";
import { fetchPackage, type PackageVersion } from "./parts/npm-package.ts";
import { Lockfile } from "./records/lockfile.ts";
import { programNotices } from "./records/notices.ts";
import { sbom } from "./records/sbom.ts";
import { SHIPPED_APPS, thirdPartyPackages } from "./records/third-party.ts";
import { ReleaseError } from "./release-error.ts";
import { releaseVersion } from "./release-version.ts";
import { targets } from "./targets.ts";

/**
 * Writes the parts of a container image that depend on the architecture: `node image-parts.ts ARCHITECTURE FOLDER`.
 * ARCHITECTURE is Docker's name for it, amd64 or arm64. FOLDER becomes the root folder of the image, with Node, koffi
 * with its native part, and the licences of everything in it.
 */
async function writeImageParts(architecture: string, to: string, signal: AbortSignal): Promise<void> {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const target = targets.find(({ debian, libc }) => debian === architecture && libc === undefined);
  if (target === undefined) {
    const known = targets.flatMap(({ debian }) => debian ?? []).join(", ");
    throw new ReleaseError(`there is no image for the architecture ${architecture}; there is one for ${known}`);
  }
  const fetch = (wanted: PackageVersion): Promise<FileTree> => fetchPackage(wanted, signal);
  const lockfile = new Lockfile(join(root, "pnpm-lock.yaml"));
  const [node, native] = await Promise.all([
    nodeRuntime(target, { root, given: undefined, fetch }),
    nativeParts(target, join(root, "packages/runtime/node_modules/koffi"), lockfile, signal),
  ]);
  const packages = thirdPartyPackages(root, SHIPPED_APPS);
  const version = releaseVersion(root);
  const bill = sbom({
    version,
    packages,
    lockfile,
    node: { version: node.version, sha256: sha256(node.program) },
    native: native.package,
  });
  const works = programNotices(packages, {
    version: node.version,
    licence: Buffer.from(node.licence).toString("utf8"),
  });
  const tree = joined(
    new Map([["usr/local/bin/node", program(node.program)]]),
    below(
      "narthex",
      joined(
        below("node_modules", native.tree),
        new Map([
          ["NOTICES.txt", file(works)],
          ["sbom.cdx.json", file(bill)],
        ]),
      ),
    ),
  );
  writeTree(tree, to, 0);
}

const host = processHost(process.argv.slice(2));
const [architecture = "", to = ""] = host.args;
try {
  if (to === "") throw new ReleaseError("two arguments are needed: an architecture, amd64 or arm64, and a folder");
  await writeImageParts(architecture, to, host.stopping);
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  host.stderr(`image-parts: ${error.message}\n`);
  process.exitCode = 1;
}
