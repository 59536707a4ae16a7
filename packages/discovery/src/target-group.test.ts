import { expect, test } from "vitest";
import { readGroups } from "./json-groups.ts";
import { GroupsError } from "./target-group.ts";

const read = (text: string): unknown =>
  readGroups(text, "t.json").map(({ targets, labels }) => [targets, labels.toRecord()]);

test.each([
  "[]",
  '[{"targets": ["a:1", "b:1"], "labels": {"x": "y", "empty": "", "größe": "\\u00e9"}}, {"targets": []}]',
  ' [{"labels": {"a": "b"}}, {}]\n',
  '[{"targets": ["a"], "labels": {}}]',
])("JSON %s says the same as the YAML that it is", (text) => {
  expect(read(text)).toEqual(read(`# not JSON\n${text}`));
});

test.each([
  '[{"targets": "a"}]',
  '[{"nope": 1}]',
  "[null]",
  '[{"labels": {"": "x"}}]',
  '[{"labels": []}]',
  "{}",
  "[",
  "[1]",
])("JSON %s is refused with a place", (text) => {
  expect(() => read(text)).toThrow(GroupsError);
  expect(() => read(text)).toThrow(/^t\.json:1: /);
});
