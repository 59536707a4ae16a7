import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { unitsOfPackage } from "narthex/packaged-units";
import { asPrivate, below, type Entry, file, type FileTree, joined, program } from "../files/file-tree.ts";
import { gzip } from "../files/gzip.ts";
import { packagedLauncher } from "../parts/launchers.ts";
import type { ReleaseParts, TargetParts } from "../release-parts.ts";

const linux = fileURLToPath(new URL("../../linux", import.meta.url));
const units = unitsOfPackage();

export const linuxFile = (path: string): string => readFileSync(`${linux}/${path}`, "utf8");

/**
 * Reads a script of apps/release/linux, and fills in the version, the services and their users. The user `narthex`
 * compiles the program.
 */
export function linuxScript(path: string, version: string): string {
  const accounts = ["narthex", ...units.map(({ name }) => name)].join(" ");
  return linuxFile(path)
    .replace("@CHECK_ACCOUNTS@", () => linuxFile("check-accounts.sh").trimEnd())
    .replace("@CREATE_ACCOUNTS@", () => linuxFile("accounts.sh").trimEnd())
    .replaceAll("@VERSION@", version)
    .replaceAll("@UNITS@", units.map(({ name }) => `${name}.service`).join(" "))
    .replaceAll("@ACCOUNTS@", accounts);
}

/** Files of a package by path without the leading slash, and the paths of configuration files. */
export interface LinuxPackage {
  readonly tree: FileTree;
  /** Absolute paths of configuration files. A package update keeps changes in them. */
  readonly configuration: readonly string[];
  /** Groups that may read configuration files, by path with the leading slash. */
  readonly readers: ReadonlyMap<string, string>;
}

interface Distribution {
  readonly zsh: string;
}

/**
 * Returns the files that a distribution's package installs: the program below /usr/lib/narthex/files, units, and
 * configuration in /etc/narthex. Scripts of the package link the program to /usr/lib/narthex/current.
 */
export async function linuxPackage(
  { files, share, starter, licence, changelog, version, source }: ReleaseParts,
  { target, tree, notices }: TargetParts,
  { zsh }: Distribution,
): Promise<LinuxPackage> {
  const isProgram = (path: string): boolean =>
    !path.startsWith("share/") && !/^[A-Z][^/]*$/.test(path) && path !== "bin/narthex";
  const home = joined(
    new Map([...tree].filter(([path]) => isProgram(path))),
    new Map([
      ["bin/narthex", program(packagedLauncher({ ...target, revision: source.revision }))],
      ["lib/activate.sh", program(linuxScript("activate.sh", version))],
    ]),
    below("lib/code-cache-fill", files.codeCacheFill),
  );
  const { configuration, readers } = etc(starter);
  const pages = [...(await withPackedPages(share))];
  const whole = joined(
    below("usr/lib/narthex/files", home),
    new Map<string, Entry>([["usr/bin/narthex", { kind: "link", to: "../lib/narthex/current/bin/narthex" }]]),
    below("usr/lib/systemd/system", new Map(units.map(({ name, text }) => [`${name}.service`, file(text)]))),
    below("usr/share", new Map(pages.map(([path, entry]) => [path.replace("zsh/site-functions", zsh), entry]))),
    below(
      "usr/share/doc/narthex",
      new Map([
        ["copyright", file(`${Buffer.from(licence).toString("utf8")}\n${notices}`)],
        ["changelog.gz", file(await gzip(changelog))],
      ]),
    ),
    below("etc/narthex", configuration),
  );
  return {
    tree: whole,
    configuration: [...configuration.keys()].sort().map((path) => `/etc/narthex/${path}`),
    readers,
  };
}

/** Returns the user whose service reads a configuration file. A flags file has the name of its service. */
function readerOf(path: string): string {
  if (path.endsWith(".flags")) return `narthex-${path.slice(0, -".flags".length)}`;
  if (path.startsWith("dashboards")) return "narthex-dashboards";
  return path === "alertmanager.yml" ? "narthex-alertmanager" : "narthex-server";
}

/** Returns the starter configuration and a flags file for each unit. All of these files may contain passwords. */
function etc(starter: FileTree): { readonly configuration: FileTree; readonly readers: LinuxPackage["readers"] } {
  const own = [...starter].filter(([path]) => path.startsWith("config/"));
  const others = readdirSync(`${linux}/etc`).map((name) => [name, file(linuxFile(`etc/${name}`))] as const);
  const all = joined(new Map(own.map(([path, entry]) => [path.slice("config/".length), entry])), new Map(others));
  return {
    configuration: new Map([...all].map(([path, entry]) => [path, asPrivate(entry)])),
    readers: new Map([...all.keys()].sort().map((path) => [`/etc/narthex/${path}`, readerOf(path)])),
  };
}

/** Compresses man pages, as distributions do. */
async function withPackedPages(share: FileTree): Promise<FileTree> {
  const entries = [...share].map(async ([path, entry]): Promise<[string, Entry]> => {
    if (!path.startsWith("man/") || entry.kind !== "file") return [path, entry];
    return [`${path}.gz`, { ...entry, bytes: await gzip(entry.bytes) }];
  });
  return new Map(await Promise.all(entries));
}
