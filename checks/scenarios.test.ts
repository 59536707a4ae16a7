import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

interface Scenario {
  readonly file: string;
  readonly title: string;
}

const RULE = /^\|[\s|:-]+\|$/;

/** Rows of all tables of e2e/scenarios.md, without the header and separator rows. */
const rows = readFileSync(join(root, "e2e/scenarios.md"), "utf8")
  .split("\n")
  .filter((line, at, all) => line.startsWith("|") && !RULE.test(line) && !RULE.test(all[at + 1] ?? ""));

/** Parses a row of the scenarios table: the user's action, the test file and the test title. */
function scenarioOf(row: string): Scenario {
  const [, , file = "", title = "", ...rest] = row.split("|").map((cell) => cell.trim());
  if (rest.length !== 1 || !file.endsWith(".test.ts"))
    throw new Error(`e2e/scenarios.md: no scenario, file and title: ${row}`);
  return { file, title };
}

/** Reports whether a file contains a test with this title. */
function hasTest({ file, title }: Scenario): boolean {
  const text = readFileSync(join(root, "e2e/src", file), "utf8");
  return ['"', "`"].some((quote) =>
    text
      .split(`${quote}${title}${quote}`)
      .slice(0, -1)
      .some((before) => before.trimEnd().endsWith("(")),
  );
}

test("each scenario of e2e/scenarios.md names an existing test", () => {
  expect(rows.length).toBeGreaterThanOrEqual(60);
  expect(rows.map(scenarioOf).filter((one) => !hasTest(one))).toEqual([]);
});
