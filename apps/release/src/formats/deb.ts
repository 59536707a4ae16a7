import { createHash } from "node:crypto";
import { ar } from "../files/ar.ts";
import { type FileTree, file, program } from "../files/file-tree.ts";
import { tar } from "../files/tar.ts";
import { zstd } from "../files/zstd.ts";
import { linuxFile, linuxPackage, linuxScript } from "./linux-package.ts";
import type { Format } from "./format.ts";

/** Scripts that dpkg runs; their sources in apps/release/linux/deb explain them. */
const SCRIPTS = ["preinst", "postinst", "prerm", "postrm"];

/** Format of a Debian package: an `ar` archive that contains two tar archives, see deb(5). dpkg of Debian 12 and Ubuntu 22.04 unpacks zstd. */
export const deb: Format = {
  name: "deb",
  suits: ({ debian, libc }) => debian !== undefined && libc === undefined,
  async makeForTarget(parts, own, out) {
    const { version, source } = parts;
    const { tree, configuration, readers } = await linuxPackage(parts, own, { zsh: "zsh/vendor-completions" });
    const owners = [...readers].map(([path, group]) => `own ${group} ${path.slice("/etc/narthex/".length)}`).join("\n");
    const architecture = own.target.debian!;
    const control = new Map([
      ["control", file(controlFile({ version, architecture, kibibytes: sizeOf(tree), address: source.address }))],
      ["conffiles", file(configuration.map((path) => `${path}\n`).join(""))],
      ["md5sums", file(md5sums(tree, configuration))],
      ...SCRIPTS.map((name) => {
        const script = linuxScript(`deb/${name}`, version).replace("@OWNERS@", () => owners);
        return [name, program(script)] as const;
      }),
    ]);
    const options = { epoch: source.epoch, top: "." };
    const members = new Map<string, Uint8Array>([
      ["debian-binary", Buffer.from("2.0\n")],
      ["control.tar.zst", await zstd(await tar(control, options))],
      ["data.tar.zst", await zstd(await tar(tree, options))],
    ]);
    out.file(`narthex_${version}_${architecture}.deb`, ar(members, source.epoch));
  },
};

interface Control {
  readonly version: string;
  readonly architecture: string;
  /** Size of the installed files in KiB. */
  readonly kibibytes: number;
  readonly address: string | undefined;
}

const controlFile = ({ version, architecture, kibibytes, address }: Control): string =>
  linuxFile("deb/control")
    .replace("@VERSION@", version)
    .replace("@ARCHITECTURE@", architecture)
    .replace("@HOMEPAGE@", address === undefined ? "" : `Homepage: ${address}\n`)
    .replace("@KIBIBYTES@", String(kibibytes));

/**
 * Returns the installed size as deb-substvars(5) defines it: each file in whole kibibytes, and one kibibyte for each
 * other entry.
 */
function sizeOf(tree: FileTree): number {
  let sum = 0;
  for (const entry of tree.values()) sum += entry.kind === "file" ? Math.ceil(entry.bytes.length / 1024) : 1;
  return sum;
}

/** Returns the checksums for `dpkg --verify`, for all files except configuration files. */
function md5sums(tree: FileTree, configuration: readonly string[]): string {
  const lines = [...tree].flatMap(([path, entry]) =>
    entry.kind !== "file" || configuration.includes(`/${path}`)
      ? []
      : [`${createHash("md5").update(entry.bytes).digest("hex")}  ${path}\n`],
  );
  return lines.sort((a, b) => (a.slice(34) < b.slice(34) ? -1 : 1)).join("");
}
