import { expect, test } from "vitest";
import { testTitles } from "./test-titles.ts";

test("titles are those of tests that run, including tables of tests", () => {
  const source = `
    test("plain", () => {});
    test(\`\${COUNT} rounds\`, { timeout: 1 }, async () => {});
    test.each([["row"]])("each %s", () => {});
    test.for<[number]>([[1]])("for %d", () => {});
    test.skipIf(lacks("peers")).each([1])("on some machines", () => {});
    describe("a suite", () => { test("nested", () => {}); });
  `;
  expect(testTitles(source, "some.test.ts")).toEqual([
    "plain",
    "${COUNT} rounds",
    "each %s",
    "for %d",
    "on some machines",
    "nested",
  ]);
});

test.each([
  `// test("a claim", () => {});`,
  `/* test("a claim", () => {}); */`,
  `test.skip("a claim", () => {});`,
  `test.skip.each([1])("a claim", () => {});`,
  `test.todo("a claim");`,
  `test.fails("a claim", () => {});`,
  `test("a claim", { skip: true }, () => {});`,
  `describe.skip("a suite", () => { test("a claim", () => {}); });`,
  `const title = "a claim";`,
  `console.log("a claim");`,
])("a test that proves nothing is left out: %s", (source) => {
  expect(testTitles(source, "some.test.ts")).toEqual([]);
});
