import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: { readonly path?: string; readonly "subject-path"?: string };
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[]; readonly permissions?: object }>>;
}

const folder = fileURLToPath(new URL("../../../.github/workflows", import.meta.url));
const workflows = readdirSync(folder).map(
  (name) => [name, parse(readFileSync(join(folder, name), "utf8")) as Workflow] as const,
);
const { jobs } = workflows.find(([name]) => name === "release.yml")![1];

test.each(workflows)("%s names actions by commit, because a tag can be moved", (_, { jobs: all }) => {
  const used = Object.values(all).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  expect(used.filter((name) => !/^[\w./-]+@[0-9a-f]{40}$/.test(name))).toEqual([]);
});

/** Replacements for commands that build and publish. `gh` fails for a missing file below `release`. */
const COMMANDS = {
  node: "echo notes",
  sudo: "",
  npx: 'case "$*" in *" release") mkdir -p release/unpacked/narthex-1.0.0; touch release/SHA256SUMS release/narthex.deb release/unpacked/narthex-1.0.0/README.md ;; esac',
  gh: 'for word; do case $word in release/*) [ -f "$word" ] || exit 1; echo "$word" >> published ;; esac; done; cat release-notes.md > published-notes',
};

test("the release workflow publishes each file of a release with the notes of its version", () => {
  const place = temporaryFolder();
  mkdirSync(join(place, "commands"));
  for (const [name, script] of Object.entries(COMMANDS))
    writeFileSync(join(place, "commands", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = {
    PATH: `${join(place, "commands")}:${process.env["PATH"]}`,
    RUNNER_TEMP: place,
    GITHUB_REF_NAME: "v1.0.0",
    GITHUB_REPOSITORY: "owner/name",
  };
  for (const { run } of [...jobs["build"]!.steps, ...jobs["publish"]!.steps]) {
    if (run === undefined) continue;
    const { status, stderr } = spawnSync("bash", ["--norc", "-e", "-c", run], { cwd: place, env, encoding: "utf8" });
    expect([run, status, stderr]).toEqual([run, 0, ""]);
  }
  const published = readFileSync(join(place, "published"), "utf8").trim().split("\n");
  expect(published.sort()).toEqual(["release/SHA256SUMS", "release/narthex.deb"]);
  expect(readFileSync(join(place, "published-notes"), "utf8")).toBe("notes\n");
});

test("the files of a published release name the repository that publishes them", () => {
  const step = jobs["build"]!.steps.find(({ run }) => run?.endsWith(" release"));
  expect(step?.env).toEqual({ NARTHEX_REPOSITORY: "${{ github.server_url }}/${{ github.repository }}" });
});

test("only the job that publishes may write, and it signs what it publishes", () => {
  expect(jobs["build"]!.permissions).toEqual({ contents: "read" });
  const steps = jobs["publish"]!.steps.map(({ uses, run }) => uses?.split("@")[0] ?? run?.split(" ")[0]);
  expect(steps).toEqual(["actions/download-artifact", "actions/attest-build-provenance", "find"]);
  const upload = jobs["build"]!.steps.find(({ uses }) => uses?.startsWith("actions/upload-artifact"));
  expect(upload?.with?.path?.trim().split("\n")).toEqual(["release/*", "!release/unpacked", "release-notes.md"]);
});
