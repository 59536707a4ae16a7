import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

interface Scenario {
  readonly file: string;
  readonly title: string;
}

const scenarios: readonly Scenario[] = readFileSync(join(root, "e2e/scenarios.md"), "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells.length === 5 && cells[2]!.endsWith(".test.ts"))
  .map((cells) => ({ file: cells[2]!, title: cells[3]! }));

test("each scenario of e2e/scenarios.md names a test that there is", () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(60);
  const gone = scenarios.filter(({ file, title }) => {
    const text = readFileSync(join(root, "e2e/src", file), "utf8");
    return !text.includes(`"${title}"`) && !text.includes(`\`${title}\``);
  });
  expect(gone).toEqual([]);
});
