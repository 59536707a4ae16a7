import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { markdownTable } from "./markdown-table.ts";
import { root, sourceFiles } from "./sources.ts";

/** Matches a rule for a known difference without confirmation by a test against a binary of that version. */
const RULE = /reason:\s*"((?:[^"\\]|\\.)*)",\s*since: "([\d.]+)"/g;

test("e2e/unconfirmed.md lists each rule that compares an answer with documentation only", () => {
  const rows = sourceFiles()
    .filter(({ path }) => path.startsWith("e2e/src/") && !path.endsWith(".test.ts"))
    .flatMap(({ path, lines }) =>
      Array.from(lines.join("\n").matchAll(RULE), ([, reason, since]) => [
        since!,
        reason!,
        path.slice("e2e/src/".length),
      ]),
    );
  expect(rows.length).toBeGreaterThan(50);
  const order = ([since]: readonly string[]): number => Number(since!.split(".")[1]);
  const table = markdownTable(
    ["Since", "What is different", "Rule in"],
    rows.toSorted((a, b) => order(a) - order(b)),
  );
  expect(readFileSync(join(root, "e2e/unconfirmed.md"), "utf8").split("\n\n").at(-1)).toBe(table);
});
