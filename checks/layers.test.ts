import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { layerProblems, UI_LAYERS, uiLayerProblems } from "./layers.ts";
import { importsOf, manifests, packageOf, sourceFiles } from "./sources.ts";

const file = (path: string, ...lines: string[]) => ({ path, lines, isTest: false });

test("layerProblems() refuses an import upwards, sideways, past the index, and out of the package", () => {
  expect(layerProblems(file("packages/model/src/x.ts", 'import { db } from "@narthex/tsdb";'))).toHaveLength(1);
  expect(layerProblems(file("packages/tsdb/src/x.ts", 'import { SelfMetrics } from "@narthex/http";'))).toHaveLength(1);
  expect(layerProblems(file("packages/tsdb/src/x.ts", 'import { Labels } from "@narthex/model/labels";'))).toHaveLength(
    1,
  );
  expect(
    layerProblems(file("packages/tsdb/src/x.ts", 'import { Labels } from "../../model/src/labels.ts";')),
  ).toHaveLength(1);
  expect(layerProblems(file("apps/server/src/x.ts", 'import { main } from "@narthex/pushgateway-app";'))).toHaveLength(
    1,
  );
});

test("layerProblems() accepts an import downwards and within the package", () => {
  expect(
    layerProblems(
      file("packages/tsdb/src/head/x.ts", 'import { Labels } from "@narthex/model";', 'import { y } from "../y.ts";'),
    ),
  ).toEqual([]);
});

test("every import in the workspace goes down, never sideways or around an index", () => {
  expect(sourceFiles().flatMap(layerProblems)).toEqual([]);
});

test.each([
  ["upwards", 'import { x } from "../panel/x.ts";', 1],
  ["upwards when it is needed", 'const x = import("../panel/x.ts");', 1],
  ["sideways", 'import { x } from "../grid/x.ts";', 1],
  ["downwards", 'import { x } from "../../shell/x.ts";', 0],
  ["within the folder", 'import { x } from "./x.ts";', 0],
])("uiLayerProblems() judges an import %s", (_, line, problems) => {
  expect(uiLayerProblems(file("apps/ui/src/dashboards/controls/x.ts", line))).toHaveLength(problems);
});

test("the user interface's README describes its folders in the order of the layers", () => {
  const readme = readFileSync(new URL("../apps/ui/README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| (`[^|]*`) +\|/gm)].map(([, names]) => names!.replaceAll("`", "").split(", "));
  expect(rows.slice(0, UI_LAYERS.length - 1)).toEqual(UI_LAYERS.slice(0, -1));
});

test("every import in the user interface goes to a lower layer of folders", () => {
  expect(sourceFiles().flatMap(uiLayerProblems)).toEqual([]);
});

/**
 * Apps that run only at build time. Their declared dependencies are the packages whose code becomes a part of the build
 * output.
 */
const BUILDERS: ReadonlySet<string> = new Set(["apps/docs"]);

test("each package declares exactly what it imports", () => {
  const used = new Map<string, Map<string, boolean>>();
  for (const source of sourceFiles()) {
    const home = packageOf(source.path);
    const names = used.get(home) ?? new Map<string, boolean>();
    used.set(home, names);
    for (const { specifier } of importsOf(source)) {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) continue;
      const name = specifier
        .split("/")
        .slice(0, specifier.startsWith("@") ? 2 : 1)
        .join("/");
      names.set(name, (names.get(name) ?? true) && source.isTest);
    }
  }
  const problems: string[] = [];
  for (const [folder, manifest] of manifests()) {
    // Skips the UI, because it imports CSS and HTML files, which only its bundler can check.
    if (folder === "apps/ui") continue;
    const declared = new Set(Object.keys(manifest.dependencies ?? {}));
    const forTests = new Set([...declared, ...Object.keys(manifest.devDependencies ?? {})]);
    for (const [name, testsOnly] of used.get(folder) ?? []) {
      if (name === manifest.name) continue;
      if (!(testsOnly || BUILDERS.has(folder) ? forTests : declared).has(name))
        problems.push(`${folder}/package.json lacks ${name}, which its ${testsOnly ? "tests" : "sources"} import`);
    }
    for (const name of declared)
      if (used.get(folder)?.has(name) !== true)
        problems.push(`${folder}/package.json declares ${name}, which nothing imports`);
  }
  expect(problems).toEqual([]);
});
