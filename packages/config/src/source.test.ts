import { expect, test } from "vitest";
import { glob } from "./source.ts";
import { recordFiles } from "./testing/record-files.ts";

const files = recordFiles({
  "r/b.yml": "",
  "r/a.yml": "",
  "r/.c.yml": "",
  "r/d.yaml": "",
  "top.yml": "",
  "s/a.yml": "",
});

test.each([
  ["r/*.yml", ["r/.c.yml", "r/a.yml", "r/b.yml"]],
  ["*.yml", ["top.yml"]],
  ["r/[ab].yml", ["r/a.yml", "r/b.yml"]],
  ["r/[^ab].yml", []],
  ["r/[a-b].yml", ["r/a.yml", "r/b.yml"]],
  ["r/?.yml", ["r/a.yml", "r/b.yml"]],
  ["top.yml", ["top.yml"]],
  ["nowhere.yml", []],
  ["x/*.yml", []],
])("glob(%j)", async (pattern, expected) => {
  expect(await glob(pattern, files)).toEqual(expected);
});
