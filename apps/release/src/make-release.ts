import { type Host, helpText, parseFlags } from "@narthex/runtime";
import type { FileTree } from "./files/file-tree.ts";
import { sha256 } from "./files/sha256.ts";
import { flags } from "./flags.ts";
import { Output } from "./output.ts";
import { nodeRuntime, type NodeRuntime } from "./parts/node-runtime.ts";
import { fetchPackage, type PackageVersion } from "./parts/npm-package.ts";
import { type Plan, planRelease } from "./plan.ts";
import { strippedProgram } from "./parts/stripped-program.ts";
import { checksums } from "./records/checksums.ts";
import { type Material, provenance } from "./records/provenance.ts";
import { hexOf, packageUrl } from "./records/sbom.ts";
import { NO_ADDRESS } from "./project-address.ts";
import { ReleaseError } from "./release-error.ts";
import { releaseParts, type SourceParts, sourceParts, targetParts } from "./release-parts.ts";
import { readSource, type Source } from "./source.ts";

/** Builds a release of a checkout as the host's arguments ask. Resolves with the exit status. */
export async function makeRelease(host: Host, root: string): Promise<number> {
  const outcome = parseFlags(flags, host.args);
  if (outcome.kind === "help" || outcome.kind === "version") {
    host.stdout(helpText("pnpm release", "Makes the files that users install, in the same bytes each time.", flags));
    return 0;
  }
  if (outcome.kind === "error") {
    host.stderr(`release: error: ${outcome.message}, try --help\n`);
    return 1;
  }
  try {
    const plan = planRelease(outcome.flags.values, host.cwd);
    const source = readSource(root, host.env);
    for (const line of plan.leftOut) host.stderr(`release: ${line}\n`);
    if (source.isModified) {
      const what = "the checkout has files or changes that are in no commit";
      if (!outcome.flags.values.dirty)
        throw new ReleaseError(`${what} (see git status); commit or stash them, or try with --dirty`);
      host.stderr(`release: ${what}; the provenance says that the release is modified\n`);
    }
    if (source.address === undefined) host.stderr(`release: ${NO_ADDRESS}\n`);
    await build(host, root, plan, source);
    return 0;
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    host.stderr(`release: ${error.message}\n`);
    return 1;
  }
}

async function build(host: Host, root: string, plan: Plan, source: Source): Promise<void> {
  const signal = host.stopping;
  const fetch = (wanted: PackageVersion): Promise<FileTree> => fetchPackage(wanted, signal);
  const nodes = new Map<string, NodeRuntime>();
  // Reads Node for all targets first, so that a wrong path is reported before anything is built.
  for (const target of plan.targets) {
    if (plan.formats.some((format) => "suits" in format && format.suits(target)))
      nodes.set(target.name, await nodeRuntime(target, { root, given: plan.given.get(target.name), fetch }));
  }
  const sources = sourceParts(root, source);
  const out = new Output(plan.out, (line) => host.stdout(`${line}\n`));
  const materials: Material[] = [lockfileMaterial(sources)];
  for (const format of plan.formats)
    if ("makeFromSources" in format) await format.makeFromSources(sources, out, signal);
  if (plan.formats.some((format) => !("makeFromSources" in format))) {
    const parts = await releaseParts(sources, signal);
    for (const target of plan.targets) {
      const node = nodes.get(target.name);
      if (node === undefined) continue;
      const warn = (line: string): void => host.stderr(`release: ${line}\n`);
      const program = await strippedProgram(target, node.program, { signal, warn });
      const own = await targetParts(parts, target, { ...node, program }, signal);
      materials.push(nodeMaterial(node), packageMaterial(own.native.package));
      for (const format of plan.formats)
        if ("suits" in format && format.suits(target)) await format.makeForTarget(parts, own, out, signal);
    }
    for (const format of plan.formats) if ("make" in format) await format.make(parts, out);
  }
  const statement = provenance(out.files, {
    source,
    version: sources.version,
    targets: plan.targets.map(({ name }) => name),
    formats: plan.formats.map(({ name }) => name),
    materials,
    builtOn: process.version,
  });
  out.file(`narthex-${sources.version}.provenance.json`, statement);
  out.file("SHA256SUMS", checksums(out.files));
}

const lockfileMaterial = ({ lockfile }: SourceParts): Material => ({
  uri: "urn:narthex:file:pnpm-lock.yaml",
  digest: { sha256: sha256(lockfile.bytes) },
});

const nodeMaterial = ({ npmPackage, version, program }: NodeRuntime): Material => ({
  uri: npmPackage === undefined ? `pkg:generic/node@${version}` : packageUrl(npmPackage, version),
  digest: { sha256: sha256(program) },
});

const packageMaterial = (one: { name: string; version: string; integrity: string }): Material => ({
  uri: packageUrl(one.name, one.version),
  digest: { sha512: hexOf(one.integrity) },
});
