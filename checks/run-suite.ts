import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./sources.ts";
import { isOption, projectOf, reportOf } from "./suites.ts";

/**
 * `run-suite.ts NAME PATH… [OPTION…]`, started in the folder of a package: runs the tests below these paths one file
 * after the other, so that whoever runs suites side by side knows how many cores they take, and leaves the runner's own
 * report where the task of this name says that it lies. Options are the runner's: with `--no-isolate` a package whose
 * tests leave their process as it was has one for all files, which takes a half to a quarter of the processor time.
 */
const [name = "", ...given] = process.argv.slice(2);
const [options, paths] = [given.filter(isOption), given.filter((word) => !isOption(word))];
const folder = relative(root, process.cwd());
const report = reportOf(folder, name);
mkdirSync(dirname(report), { recursive: true });
rmSync(report, { force: true });
// A path with a slash at its end names a folder, not all whose names begin like it; but the runner looks for it anywhere in
// a file's path, so that folders of the root are named by their files: others may have folders of the same name.
const filters = paths.flatMap((path) =>
  folder === "" ? testsIn(path) : [join(folder, path, path.endsWith(".ts") ? "." : "/")],
);
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const args = ["run", "--project", projectOf(folder), "--maxWorkers=1", ...reporters, ...options, ...filters];
const { status } = spawnSync(join(root, "node_modules/.bin/vitest"), args, { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;

function testsIn(path: string): string[] {
  const names = readdirSync(join(root, path), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(path, name));
}
