import { expect, test } from "vitest";
import { randomisedSuites, repeatCommand } from "./randomised-tests.ts";
import { type Suite, suites } from "./suites.ts";

const suite = (folder: string, files: readonly string[]): Suite => ({
  folder,
  name: "test",
  task: `${folder}#test`,
  files,
  options: [],
});

test("randomisedSuites() keeps only files that use the seed", () => {
  const texts: Readonly<Record<string, string>> = {
    a: 'import { expect } from "vitest";\nimport fc from "fast-check";',
    b: 'import {\n  seededRandom,\n  testSeed,\n} from "@narthex/runtime/testing";',
    c: 'const texts = ["fc.assert(", "testSeed()"];',
  };
  const found = randomisedSuites(
    [suite("packages/x", ["a", "b", "c"]), suite("packages/y", ["c"])],
    (file) => texts[file]!,
  );
  expect(found).toEqual([suite("packages/x", ["a", "b"])]);
});

test("there are randomised tests in unit, UI and end-to-end suites", () => {
  const found = randomisedSuites(suites());
  expect(found.map(({ folder }) => folder)).toEqual(expect.arrayContaining(["packages/tsdb", "apps/ui", "e2e"]));
  // Checks that the files of this folder are not selected, because they only mention the names of the seed functions.
  expect(found.flatMap(({ files }) => files).filter((file) => file.startsWith("checks/randomised"))).toEqual([]);
});

test("repeatCommand() names the project, the file and the seed", () => {
  expect(repeatCommand(suite("apps/ui", []), "apps/ui/src/a.test.ts", 7)).toBe(
    "NARTHEX_SEED=7 npx --yes pnpm@12.21.0 exec vitest run --project ui apps/ui/src/a.test.ts",
  );
});
