import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./sources.ts";

/**
 * A test suite: test files that run together and have one cached result. A suite is a package script that calls
 * run-suite.ts and a Turborepo task with the same name, which declares the inputs of the result. To add a suite, add
 * the script. If no task has the name yet, also add the task to the package's turbo.json.
 */
export interface Suite {
  /** Folder of the package, from the root; empty for the root's suites. */
  readonly folder: string;
  readonly name: string;
  /** Name of the Turborepo task. */
  readonly task: string;
  /** Paths of the test files from the root, sorted. */
  readonly files: readonly string[];
  /** Options of the test runner. */
  readonly options: readonly string[];
}

interface Package {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Reports whether a word in a suite's script is an option of the test runner, and not a path. */
export const isOption = (word: string): boolean => word.startsWith("--");

/**
 * Returns the path of the test runner's report of a suite. The report is the only output of the suite's Turborepo task.
 */
export const reportOf = (folder: string, name: string): string => join(root, folder, ".turbo/reports", `${name}.json`);

/** Returns the Vitest project to which the tests of a package belong. */
export const projectOf = (folder: string): "unit" | "ui" | "e2e" =>
  folder === "e2e" ? "e2e" : folder === "apps/ui" ? "ui" : "unit";

export const taskOf = (folder: string, name: string): string =>
  `${folder === "" ? "//" : packageAt(folder).name}#${name}`;

const packageAt = (folder: string): Package =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Package;

const packageFolders = (): string[] =>
  ["packages", "apps"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`));

/**
 * The end-to-end suites and other long suites, the longest first. A long suite that started late would run alone at the
 * end. Suites with containers come before suites with browsers, because a suite with containers must not run at the
 * same time as a suite with browsers.
 */
export const LONGEST_FIRST = [
  "@narthex/e2e#test:release",
  "@narthex/e2e#test:stack-swaps",
  "@narthex/e2e#test:stack-images",
  "@narthex/e2e#test:node-exporter-containers",
  "@narthex/e2e#test:stack-profiles",
  "@narthex/e2e#test:server-docker",
  "@narthex/e2e#test:alertmanager-load",
  "@narthex/e2e#test:server-scrape",
  "@narthex/tsdb#test",
  "@narthex/tsdb#test:upkeep",
  "@narthex/tsdb#test:soak",
  "@narthex/e2e#test:dashboards",
  "@narthex/e2e#test:dashboards-panels",
  "@narthex/e2e#test:dashboards-people",
  "@narthex/e2e#test:dashboards-sql",
  "@narthex/e2e#test:dashboards-sources",
  "@narthex/e2e#test:server-remote",
  "@narthex/e2e#test:server-promql",
  "@narthex/e2e#test:server-rules",
  "@narthex/e2e#test:ui",
  "@narthex/e2e#test:alertmanager-receivers",
  "@narthex/e2e#test:server-config",
  "@narthex/e2e#test:server-discovery",
  "@narthex/e2e#test:server-api",
  "@narthex/e2e#test:alertmanager-instances",
  "@narthex/e2e#test:alertmanager-postgres",
  "@narthex/e2e#test:pushgateway",
  "@narthex/e2e#test:upgrade",
  "@narthex/e2e#test:stack",
  "@narthex/e2e#test:kubernetes",
  "@narthex/e2e#test:server-storage",
  "@narthex/e2e#test:doors",
  "@narthex/e2e#test:alertmanager-api",
  "@narthex/e2e#test:docs-commands",
  "@narthex/querying#test",
  "@narthex/e2e#test:node-exporter",
  "@narthex/remote#test",
  "@narthex/dashboards-app#test",
  "@narthex/e2e#test:server-storage-faults",
  "@narthex/e2e#test:ui-accessibility",
  "@narthex/e2e#test:stack-migrate",
  "@narthex/e2e#test:docs",
  "@narthex/e2e#test:libraries",
  "@narthex/e2e#test:stack-web-config",
  "@narthex/e2e#test:stack-configuration",
  "narthex#test",
  "@narthex/http#test",
  "@narthex/scrape#test",
  "//#test:checks",
  "@narthex/promql#test",
  "@narthex/dashboards#test",
  "@narthex/exposition#test",
  "@narthex/receivers#test",
  "@narthex/docs#test",
  "@narthex/e2e#test:support",
];

/** Suites that use less than a third of a CPU core, because they mostly wait for intervals of servers. */
export const MOSTLY_WAITING = [
  "@narthex/e2e#test:alertmanager-load",
  "@narthex/e2e#test:alertmanager-instances",
  "@narthex/e2e#test:server-scrape",
];

export function suites(): Suite[] {
  return ["", "e2e", ...packageFolders()].flatMap((folder) => {
    const { scripts = {} } = packageAt(folder);
    return Object.entries(scripts).flatMap(([name, script]): Suite[] => {
      const [, given, paths] = /^node \S*run-suite\.ts (\S+) (.+)$/.exec(script) ?? [];
      if (paths === undefined) return [];
      if (given !== name) throw new Error(`${folder}/package.json: the script ${name} names its suite ${given}`);
      const words = paths.split(" ");
      const files = words.filter((word) => !isOption(word)).flatMap((path) => testsBelow(join(folder, path)));
      return [{ folder, name, task: taskOf(folder, name), files: files.toSorted(), options: words.filter(isOption) }];
    });
  });
}

/** Returns every test file of the workspace, as the projects of vitest.config.ts include them. */
export function testFiles(): string[] {
  const folders = ["checks", "e2e/src", ...packageFolders().map((folder) => `${folder}/src`)];
  return folders.flatMap(testsBelow).toSorted();
}

function testsBelow(path: string): string[] {
  if (path.endsWith(".ts")) return existsSync(join(root, path)) ? [path] : [];
  if (!existsSync(join(root, path))) return [];
  return readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.test\.tsx?$/.test(name) && !/(^|\/)node_modules\//.test(name))
    .map((name) => `${path}/${name}`);
}
