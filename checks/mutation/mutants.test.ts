import { expect, test } from "vitest";
import { RelatedTests } from "./related-tests.ts";
import { mutantsOf, withMutant } from "./mutants.ts";

const mutated = (text: string): string[] => mutantsOf(text, "a.ts").map((mutant) => withMutant(text, mutant));

test("operators, conditions, constants and statements are changed, one at a time", () => {
  expect(mutated("const a = b < c;")).toEqual(["const a = b <= c;"]);
  expect(mutated("const a = b && !c;")).toEqual(["const a = b || !c;", "const a = b && c;"]);
  expect(mutated("if (a) b();")).toEqual(["if (true) b();", "if (false) b();", "if (a) ;"]);
  expect(mutated("const a = b ? 1 : c;")).toEqual(["const a = !(b) ? 1 : c;", "const a = b ? 2 : c;"]);
  expect(mutated("const a = true as boolean;")).toEqual(["const a = false as boolean;"]);
});

test("types, imports, strings, log lines and super() are not changed", () => {
  expect(mutated('import a from "b"; type C = 1; interface D { e: 2 }')).toEqual([]);
  expect(mutated('const a = "b" + c; this.#logger.warn("d"); invariant(e, "f");')).toEqual([]);
  expect(mutated("class A extends B { constructor() { super(); } }")).toEqual([]);
});

test("the tests of a file are those of its package that import it, its own test first", () => {
  const tests = new RelatedTests().of("packages/tsdb/src/wal/repair.ts");
  expect(tests[0]).toBe("packages/tsdb/src/wal/repair.test.ts");
  expect(tests).toContain("packages/tsdb/src/db.test.ts");
  expect(tests.filter((path) => !path.startsWith("packages/tsdb/"))).toEqual([]);
});
