import type { Lockfile } from "./lockfile.ts";
import type { ThirdPartyPackage } from "./third-party.ts";

/** Content of a release's bill of materials. */
export interface SbomSubject {
  /** Name of the library. Undefined for the main program. */
  readonly name?: string;
  readonly version: string;
  readonly packages: readonly ThirdPartyPackage[];
  readonly lockfile: Lockfile;
  /** Version and digest of Node. Defined only for a release of one target. */
  readonly node?: { readonly version: string; readonly sha256: string };
  readonly native?: { readonly name: string; readonly version: string };
}

type Licences = readonly object[];

interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly licenses: Licences;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** Licences with an SPDX identifier; other licences are listed by the name in the manifest. */
const SPDX =
  /^(?:0BSD|Apache-2\.0|BlueOak-1\.0\.0|BSD-[23]-Clause|CC0-1\.0|CC-BY-[34]\.0|ISC|MIT|MIT-0|MPL-2\.0|Python-2\.0|Unlicense|Zlib)$/;

/**
 * Returns an SBOM in CycloneDX JSON. It contains no time and no serial number, so that repeated builds give the same
 * text.
 */
export function sbom(subject: SbomSubject): string {
  const { name, version, packages, lockfile, node, native } = subject;
  const licence = "Apache-2.0";
  const own = component({ name: name ?? "narthex", version, licence }, name === undefined ? "application" : "library");
  const libraries = packages.map((one) => {
    const integrity = lockfile.integrity(one.name, one.version);
    return { ...component(one, "library"), ...(integrity?.startsWith("sha512-") && { hashes: [sha512(integrity)] }) };
  });
  if (native !== undefined) {
    const integrity = lockfile.integrity(native.name, native.version) ?? "";
    libraries.push({ ...component({ ...native, licence: "MIT" }, "library"), hashes: [sha512(integrity)] });
  }
  const platform: Component[] =
    node === undefined
      ? []
      : [
          {
            type: "platform",
            "bom-ref": `pkg:generic/node@${node.version}`,
            name: "node",
            version: node.version,
            licenses: licences("MIT"),
            purl: `pkg:generic/node@${node.version}`,
            hashes: [{ alg: "SHA-256", content: node.sha256 }],
          },
        ];
  const components = [...platform, ...libraries];
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: own },
    components,
    dependencies: [{ ref: own["bom-ref"], dependsOn: components.map((one) => one["bom-ref"]) }],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function component(
  { name, version, licence }: { name: string; version: string; licence: string },
  type: Component["type"],
): Component {
  const purl = packageUrl(name, version);
  return { type, "bom-ref": purl, name, version, licenses: licences(licence), purl };
}

/** Returns the package URL (purl) of an npm package. */
export const packageUrl = (name: string, version: string): string => `pkg:npm/${name.replace("@", "%40")}@${version}`;

function licences(said: string): Licences {
  if (SPDX.test(said)) return [{ license: { id: said } }];
  return / (?:AND|OR|WITH) /.test(said)
    ? [{ expression: said.replace(/^\((.*)\)$/, "$1") }]
    : [{ license: { name: said } }];
}

const sha512 = (integrity: string): { readonly alg: string; readonly content: string } => ({
  alg: "SHA-512",
  content: hexOf(integrity),
});

/** Converts a lockfile's hash to hexadecimal digits. */
export const hexOf = (integrity: string): string =>
  Buffer.from(integrity.slice(integrity.indexOf("-") + 1), "base64").toString("hex");
