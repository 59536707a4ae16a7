import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./sources.ts";

/**
 * Returns the changelog's section of a version (`1.2.0`, `v1.2.0` or `Unreleased`) without its heading; undefined if it
 * does not exist.
 */
export function releaseNotes(changelog: string, version: string): string | undefined {
  const wanted = version.replace(/^v(?=\d)/, "");
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => /^## \[?([^\]\s]+)/.exec(line)?.[1] === wanted);
  if (start === -1) return undefined;
  const end = lines.findIndex((line, i) => i > start && line.startsWith("## "));
  const text = lines.slice(start + 1, end === -1 ? lines.length : end).join("\n");
  return `${text.trim()}\n`;
}

/**
 * Returns an error message if a tag such as `v1.2.0` differs from the program's version; undefined if the tag is right
 * or is not a version tag.
 */
export function tagProblem(tag: string, version: string): string | undefined {
  if (!/^v\d/.test(tag) || tag === `v${version}`) return undefined;
  return `the tag ${tag} is not the version ${version} of apps/narthex/package.json: set the version, then tag v${version}`;
}

/** Runs `node checks/release-notes.ts VERSION`. */
function main(version: string | undefined): number {
  if (version === undefined) {
    process.stderr.write("usage: node checks/release-notes.ts VERSION\n");
    return 2;
  }
  const manifest = JSON.parse(readFileSync(join(root, "apps/narthex/package.json"), "utf8")) as { version: string };
  const problem = tagProblem(version, manifest.version);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return 1;
  }
  const notes = releaseNotes(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version);
  if (notes === undefined || notes.trim() === "") {
    process.stderr.write(
      `CHANGELOG.md says nothing of ${version}: write a section "## ${version.replace(/^v(?=\d)/, "")}"\n`,
    );
    return 1;
  }
  process.stdout.write(notes);
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = main(process.argv[2]);
