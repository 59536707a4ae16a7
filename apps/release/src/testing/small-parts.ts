import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Entry, file, folder, program } from "../files/file-tree.ts";
import { Lockfile } from "../records/lockfile.ts";
import type { ReleaseParts, TargetParts } from "../release-parts.ts";
import type { Target } from "../targets.ts";

/** Returns a minimal release with one file of each kind. */
export function smallParts(): ReleaseParts {
  const place = mkdtempSync(join(tmpdir(), "narthex-"));
  const path = join(place, "pnpm-lock.yaml");
  writeFileSync(path, "packages:\n  koffi@1.2.3:\n    resolution: {integrity: sha512-AAEC}\n");
  const lockfile = new Lockfile(path);
  rmSync(place, { recursive: true });
  return {
    root: "/nowhere",
    version: "1.0.0",
    source: { revision: "c0ffee", isModified: false, epoch: 1_700_000_000 },
    files: {
      program: new Map<string, Entry>([
        ["main.js", file("main")],
        ["code-cache", folder],
      ]),
      codeCacheFill: new Map([["fill-code-caches.mjs", file("fill")]]),
    },
    starter: new Map([
      ["config/prometheus.yml", file("a: 1\n")],
      ["config/rules/host.yml", file("b: 1\n")],
      ["dashboards/host.json", file("{}")],
    ]),
    share: new Map([["man/man1/narthex.1", file(".TH X\n")]]),
    licence: Buffer.from("licence"),
    changelog: Buffer.from("# Changelog\n"),
    packages: [],
    lockfile,
  };
}

export const smallTargetParts = (target: Target): TargetParts => ({
  target,
  node: { program: Buffer.from("node"), licence: Buffer.from("node's"), version: "24.0.0", npmPackage: undefined },
  native: { tree: new Map(), package: { name: "@koromix/koffi-x", version: "1.2.3", integrity: "sha512-AAEC" } },
  tree: new Map<string, Entry>([
    ["bin/narthex", program("#!/bin/sh\n")],
    ["lib/node", program("node")],
    ["lib/narthex/main.js", file("main")],
    ["lib/narthex/code-cache", folder],
    ["config/prometheus.yml", file("a: 1\n")],
    ["share/man/man1/narthex.1", file(".TH X\n")],
    ["LICENSE", file("licence")],
    ["NOTICES.txt", file("notices")],
    ["sbom.cdx.json", file("{}")],
  ]),
  sbom: "{}",
  notices: "notices",
});
