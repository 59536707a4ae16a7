import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

test("every path in the tour of ARCHITECTURE.md exists", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const tour = /\n## Where is it\?\n(.*?)\n## /s.exec(text)![1]!;
  const places = [...tour.matchAll(/`((?:apps|packages)\/[^`]+)`/g)].map(([, path]) => path!);
  expect(places.length).toBeGreaterThanOrEqual(12);
  expect(places.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
