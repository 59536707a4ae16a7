import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commandTables } from "narthex/command-tables";
import { bashCompletion } from "./command-docs/bash-completion.ts";
import { fishCompletion } from "./command-docs/fish-completion.ts";
import { manPage } from "./command-docs/man-page.ts";
import { zshCompletion } from "./command-docs/zsh-completion.ts";
import { below, type Entry, file, type FileTree, joined, program } from "./files/file-tree.ts";
import { sha256 } from "./files/sha256.ts";
import { addressParagraph } from "./project-address.ts";
import { archiveReadme, shellLauncher, windowsLauncher } from "./parts/launchers.ts";
import { type NativeParts, nativeParts } from "./parts/native-parts.ts";
import { nodeName, type NodeRuntime } from "./parts/node-runtime.ts";
import { type ProgramFiles, programFiles } from "./parts/program-files.ts";
import { Lockfile } from "./records/lockfile.ts";
import { programNotices } from "./records/notices.ts";
import { sbom } from "./records/sbom.ts";
import { SHIPPED_APPS, type ThirdPartyPackage, thirdPartyPackages } from "./records/third-party.ts";
import { releaseVersion } from "./release-version.ts";
import { type Source, trackedTree } from "./source.ts";
import type { Target } from "./targets.ts";

/** Parts of a release that need no build. */
export interface SourceParts {
  readonly root: string;
  readonly version: string;
  readonly source: Source;
  readonly licence: Uint8Array;
  readonly changelog: Uint8Array;
  readonly lockfile: Lockfile;
}

/** Parts of a release for all targets and formats of the program. */
export interface ReleaseParts extends SourceParts {
  readonly files: ProgramFiles;
  /** The folders `config` and `dashboards`, with which `narthex up` starts. */
  readonly starter: FileTree;
  /** Man page and shell completions. Paths are relative to /usr/share. */
  readonly share: FileTree;
  readonly packages: readonly ThirdPartyPackage[];
}

/** Parts of a release for one target. */
export interface TargetParts {
  readonly target: Target;
  readonly node: NodeRuntime;
  readonly native: NativeParts;
  /** The release folder. Its program runs from any location. */
  readonly tree: FileTree;
  readonly sbom: string;
  readonly notices: string;
}

export function sourceParts(root: string, source: Source): SourceParts {
  const version = releaseVersion(root);
  const lockfile = new Lockfile(join(root, "pnpm-lock.yaml"));
  const [licence, changelog] = ["LICENSE", "CHANGELOG.md"].map((name) => readFileSync(join(root, name)));
  return { root, version, source, licence: licence!, changelog: changelog!, lockfile };
}

/** Builds the parts that all formats of the program share. Rejects with ReleaseError. */
export async function releaseParts(sources: SourceParts, signal: AbortSignal): Promise<ReleaseParts> {
  const { root, version, source } = sources;
  return {
    ...sources,
    files: await programFiles(root, signal),
    starter: joined(
      below("config", trackedTree(root, "deploy/config")),
      below("dashboards", trackedTree(root, "deploy/dashboards")),
    ),
    share: new Map([
      ["man/man1/narthex.1", file(manPage(commandTables, { version, epoch: source.epoch }))],
      ["bash-completion/completions/narthex", file(bashCompletion(commandTables))],
      ["zsh/site-functions/_narthex", file(zshCompletion(commandTables))],
      ["fish/vendor_completions.d/narthex.fish", file(fishCompletion(commandTables))],
    ]),
    packages: thirdPartyPackages(root, SHIPPED_APPS),
  };
}

/** Adds a target's Node and native part to the shared parts. */
export async function targetParts(
  parts: ReleaseParts,
  target: Target,
  node: NodeRuntime,
  signal: AbortSignal,
): Promise<TargetParts> {
  const { root, version, source, files, starter, share, licence, changelog, packages, lockfile } = parts;
  const native = await nativeParts(target, join(root, "packages/runtime/node_modules/koffi"), lockfile, signal);
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
  const options = { revision: source.revision };
  const tree = joined(
    target.platform === "win32"
      ? new Map([["bin/narthex.cmd", file(windowsLauncher(options))]])
      : new Map<string, Entry>([
          ["bin/narthex", program(shellLauncher({ ...options, ...target }))],
          // Links to the launcher. Under these names it behaves like Prometheus' tools.
          ["bin/promtool", { kind: "link", to: "narthex" }],
          ["bin/amtool", { kind: "link", to: "narthex" }],
        ]),
    new Map([[`lib/${nodeName(target)}`, program(node.program)]]),
    below("lib/narthex", joined(files.program, below("node_modules", native.tree))),
    starter,
    below("share", share),
    new Map([
      ["LICENSE", file(licence)],
      ["NOTICES.txt", file(works)],
      ["README.md", file(archiveReadme(target.platform) + addressParagraph(source.address))],
      ["CHANGELOG.md", file(changelog)],
      ["sbom.cdx.json", file(bill)],
    ]),
  );
  return { target, node, native, tree, sbom: bill, notices: works };
}
