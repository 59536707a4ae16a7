import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { newMemoryFolder } from "./memory-folder.ts";
import { root } from "./sources.ts";
import { isOption, projectOf, reportOf } from "./suites.ts";

/**
 * `run-suite.ts NAME PATH… [OPTION…]`, started in the folder of a package, runs the tests below these paths one file
 * after the other. Writes the test runner's report as the output of the task NAME, and passes options to the runner.
 * `--no-isolate` runs all files in one process, which saves half or more of the CPU time; it is for packages whose
 * tests leave their process unchanged.
 */
const [name = "", ...given] = process.argv.slice(2);
const [options, paths] = [given.filter(isOption), given.filter((word) => !isOption(word))];
const folder = relative(root, process.cwd());
const report = reportOf(folder, name);
const project = projectOf(folder);
mkdirSync(dirname(report), { recursive: true });
rmSync(report, { force: true });
// With a trailing slash, a path selects exactly one folder. The test runner matches a filter anywhere in a path, and
// other folders may have the same name as a root folder. Root folders are therefore expanded to their files.
const filters = paths.flatMap((path) =>
  folder === "" ? testsIn(path) : [join(folder, path, path.endsWith(".ts") ? "." : "/")],
);
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const args = ["run", "--project", project, "--maxWorkers=1", ...reporters, ...options, ...filters];
// Uses a shared compile cache, which saves a third of the CPU time: tests start many threads that each compile their
// sources. End-to-end tests are excluded, because the programs that they start have their own caches.
const cache = join(root, "node_modules/.cache/compiled-tests");
// End-to-end tests use the disk, because their programs must sync to a disk as those of users do.
const memory = project === "e2e" ? undefined : newMemoryFolder();
const env = {
  ...(project === "e2e" ? {} : { NODE_COMPILE_CACHE: cache }),
  ...process.env,
  ...(memory === undefined ? {} : { TMPDIR: memory }),
};
const { status } = spawnSync(join(root, "node_modules/.bin/vitest"), args, { cwd: root, stdio: "inherit", env });
if (memory !== undefined) rmSync(memory, { recursive: true, force: true });
process.exitCode = status ?? 1;
if (process.platform === "linux")
  process.stdout.write(`${name}: ${processorSeconds().toFixed(1)} s of processor time\n`);

/** Returns the CPU time of all processes that the suite started and waited for. */
function processorSeconds(): number {
  const TICKS_PER_SECOND = 100;
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  // Fields cutime and cstime, numbers 16 and 17 of /proc/PID/stat.
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function testsIn(path: string): string[] {
  if (path.endsWith(".ts")) return [path];
  const names = readdirSync(join(root, path), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(path, name));
}
