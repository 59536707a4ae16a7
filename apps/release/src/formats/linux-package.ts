import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { below, type Entry, file, type FileTree, joined } from "../files/file-tree.ts";
import { gzip } from "../files/gzip.ts";
import type { ReleaseParts, TargetParts } from "../release-parts.ts";

const linux = fileURLToPath(new URL("../../linux", import.meta.url));

/** Reads a file of apps/release/linux. */
export const linuxFile = (path: string): string => readFileSync(`${linux}/${path}`, "utf8");

/** Files of a package by path without the leading slash, and the paths of configuration files. */
export interface LinuxPackage {
  readonly tree: FileTree;
  /** Paths with the leading slash: an update keeps changes in these files. */
  readonly configuration: readonly string[];
}

/**
 * The files that a distribution's package installs: the program below /usr/lib/narthex, units, and configuration in
 * /etc/narthex.
 */
export async function linuxPackage(
  { files, share, starter, licence }: ReleaseParts,
  { tree, notices }: TargetParts,
): Promise<LinuxPackage> {
  const inHome = [...tree].filter(([path]) => !path.startsWith("share/") && !/^[A-Z][^/]*$/.test(path));
  const units = readdirSync(`${linux}/systemd`).map((name) => [name, file(linuxFile(`systemd/${name}`))] as const);
  const configuration = etc(starter);
  const whole = joined(
    below("usr/lib/narthex", joined(new Map(inHome), below("lib/code-cache-fill", files.codeCacheFill))),
    new Map<string, Entry>([["usr/bin/narthex", { kind: "link", to: "../lib/narthex/bin/narthex" }]]),
    below("usr/lib/systemd/system", new Map(units)),
    below("usr/share", await withPackedPages(share)),
    new Map([["usr/share/doc/narthex/copyright", file(`${Buffer.from(licence).toString("utf8")}\n${notices}`)]]),
    below("etc/narthex", configuration),
  );
  return { tree: whole, configuration: [...configuration.keys()].sort().map((path) => `/etc/narthex/${path}`) };
}

/** The starter configuration, and a file of flags for each unit. */
function etc(starter: FileTree): FileTree {
  const own = [...starter].filter(([path]) => path.startsWith("config/"));
  const flags = readdirSync(`${linux}/etc`).map((name) => [name, file(linuxFile(`etc/${name}`))] as const);
  return joined(new Map(own.map(([path, entry]) => [path.slice("config/".length), entry])), new Map(flags));
}

/** Compresses man pages, as distributions do. */
async function withPackedPages(share: FileTree): Promise<FileTree> {
  const entries = [...share].map(async ([path, entry]): Promise<[string, Entry]> => {
    if (!path.startsWith("man/") || entry.kind !== "file") return [path, entry];
    return [`${path}.gz`, { ...entry, bytes: await gzip(entry.bytes) }];
  });
  return new Map(await Promise.all(entries));
}
