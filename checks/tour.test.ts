import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

test("every path in the tour of ARCHITECTURE.md exists", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const tour = /\n## Where is it\?\n(.*?)\n## /s.exec(text)![1]!;
  const paths = [...tour.matchAll(/`((?:apps|packages)\/[^`]+)`/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThanOrEqual(12);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
