import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importsOf, packageOf, root, sourceFiles } from "./sources.ts";
import { LONGEST_FIRST, MOSTLY_WAITING, suites, testFiles } from "./suites.ts";

interface Task {
  readonly dependsOn?: readonly string[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
}

const tasksOf = (path: string): Readonly<Record<string, Task>> =>
  existsSync(join(root, path))
    ? (JSON.parse(readFileSync(join(root, path), "utf8")) as { tasks: Record<string, Task> }).tasks
    : {};

const all = suites();

test("each test file belongs to one suite", () => {
  const files = testFiles();
  expect(files.length).toBeGreaterThan(500);
  expect(all.flatMap((suite) => suite.files).toSorted()).toEqual(files);
});

test("suites that run first, and suites that mostly wait, exist", () => {
  const tasks = new Set(all.map(({ task }) => task));
  expect([...LONGEST_FIRST, ...MOSTLY_WAITING].filter((task) => !tasks.has(task))).toEqual([]);
});

test("each end-to-end suite is listed once among those that run first", () => {
  const ends = all.filter(({ folder }) => folder === "e2e").map(({ task }) => task);
  expect(ends.filter((task) => LONGEST_FIRST.filter((one) => one === task).length !== 1)).toEqual([]);
});

test("each suite has test files, and a task that keeps its report", () => {
  const rootTasks = tasksOf("turbo.json");
  for (const { folder, name, task, files } of all) {
    const { outputs } = tasksOf(`${folder}/turbo.json`)[name] ?? rootTasks[task] ?? rootTasks[name] ?? {};
    expect([task, files.length > 0, outputs]).toEqual([task, true, [`.turbo/reports/${name}.json`]]);
  }
});

test("the folders of an end-to-end suite are inputs of its task", () => {
  const tasks = tasksOf("e2e/turbo.json");
  for (const { name, files } of all.filter(({ folder }) => folder === "e2e")) {
    const products = [...new Set(files.map((file) => file.split("/")[2]!))];
    expect([name, tasks[name]!.inputs]).toEqual([name, products.map((product) => `src/${product}/**`)]);
  }
});

test("a source reads only files of its own package, and an end-to-end test only files of its product or shared ones", () => {
  const ownerOf = (path: string): string => {
    const product = /^e2e\/src\/([^/]+)\//.exec(path)?.[1];
    return product === undefined ? packageOf(path) : `e2e/src/${product}`;
  };
  const strangers = sourceFiles().flatMap((file) =>
    importsOf(file)
      .filter(({ specifier }) => specifier.startsWith("."))
      .map(({ specifier }) => join(file.path, "..", specifier))
      .filter((path) => existsSync(join(root, path)))
      .filter((path) => ownerOf(path) !== ownerOf(file.path) && ownerOf(path) !== "e2e/src/support")
      .map((path) => `${file.path}: ${path}`),
  );
  expect(strangers.filter((line) => !/^(checks|bench)\//.test(line))).toEqual([]);
});
