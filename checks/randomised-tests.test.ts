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

test("randomisedSuites() keeps the files that draw from the seed", () => {
  const texts: Readonly<Record<string, string>> = {
    a: "fc.assert(fc.property(fc.integer(), () => true));",
    b: "const random = seededRandom(testSeed());",
    c: "expect(1 + 1).toBe(2);",
  };
  const found = randomisedSuites(
    [suite("packages/x", ["a", "b", "c"]), suite("packages/y", ["c"])],
    (file) => texts[file]!,
  );
  expect(found).toEqual([suite("packages/x", ["a", "b"])]);
});

test("there are randomised tests in units, pages and end-to-end suites", () => {
  const found = randomisedSuites(suites());
  expect(found.map(({ folder }) => folder)).toEqual(expect.arrayContaining(["packages/tsdb", "apps/ui", "e2e"]));
});

test("repeatCommand() names the project, the file and the seed", () => {
  expect(repeatCommand(suite("apps/ui", []), "apps/ui/src/a.test.ts", 7)).toBe(
    "NARTHEX_SEED=7 npx --yes pnpm@12.21.0 exec vitest run --project ui apps/ui/src/a.test.ts",
  );
});
