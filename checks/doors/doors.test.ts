import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DOORS } from "../../e2e/src/doors/doors.ts";
import { root, sourceFiles } from "../sources.ts";
import { isDoor } from "./door-files.ts";
import { DOOR_TABLE } from "./door-table.ts";
import { NO_DOORS } from "./no-doors.ts";

const listed = DOOR_TABLE.flatMap(({ files }) => files);

test("each file that registers a route or opens a connection has a row in the table of doors", () => {
  const found = sourceFiles().filter(isDoor);
  expect(found.length).toBeGreaterThan(100);
  const known = new Set([...listed, ...NO_DOORS.keys()]);
  expect(found.map(({ path }) => path).filter((path) => !known.has(path))).toEqual([]);
});

test("the table of doors names only existing files, each once", () => {
  const found = new Set(
    sourceFiles()
      .filter(isDoor)
      .map(({ path }) => path),
  );
  const all = [...listed, ...NO_DOORS.keys()];
  expect(all.filter((path) => !found.has(path))).toEqual([]);
  expect(all.filter((path, i) => all.indexOf(path) !== i)).toEqual([]);
});

test("each limit of the table is found in the file that sets it", () => {
  const wrong = DOOR_TABLE.flatMap(({ door, limits }) =>
    limits
      .filter(({ file, source }) => !readFileSync(join(root, file), "utf8").includes(source))
      .map(({ file, source }) => `${door}: ${file} does not contain ${source}`),
  );
  expect(wrong).toEqual([]);
});

test("each door has limits and hostile input, and each door of the suite has a row", () => {
  expect(DOOR_TABLE.filter(({ limits, hostile }) => limits.length === 0 || hostile.length === 0)).toEqual([]);
  const names = new Set(DOORS.map(({ name }) => name));
  const named = DOOR_TABLE.flatMap(({ hostile }) => hostile);
  expect(named.filter((each) => !names.has(each) && !existsSync(join(root, each)))).toEqual([]);
  expect([...names].filter((name) => !named.includes(name))).toEqual([]);
});
