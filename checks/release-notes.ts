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

/** Runs `node checks/release-notes.ts VERSION`. */
function main(version: string | undefined): number {
  if (version === undefined) {
    process.stderr.write("usage: node checks/release-notes.ts VERSION\n");
    return 2;
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
