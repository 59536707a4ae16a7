import { expect, test } from "vitest";
import { groupsOfJson } from "./json-groups.ts";
import { GroupsError } from "./target-group.ts";

const read = (text: string): unknown =>
  groupsOfJson(JSON.parse(text)).map(({ targets, labels }) => [targets, labels.toRecord()]);

test.each([
  ["null", []],
  ["[]", []],
  ['[{"targets": ["a:1", "b:1"], "labels": {"x": "y", "empty": "", "none": null}}]', [[["a:1", "b:1"], { x: "y" }]]],
  [
    '[{"Targets": null, "LABELS": null}, {}]',
    [
      [[], {}],
      [[], {}],
    ],
  ],
])("the groups of %s are taken", (text, groups) => {
  expect(read(text)).toEqual(groups);
});

test.each([
  ["{}", "json: cannot unmarshal object into Go value of type []*targetgroup.Group"],
  ["[null]", "nil target group item found"],
  ["[1]", "json: cannot unmarshal number into Go value of type targetgroup.Group"],
  ['[{"nope": 1}]', 'json: unknown field "nope"'],
  ['[{"targets": "a"}]', "json: cannot unmarshal string into Go struct field .targets of type []string"],
  ['[{"targets": [9100]}]', "json: cannot unmarshal number into Go struct field .targets of type string"],
  ['[{"labels": {"port": 9100}}]', "json: cannot unmarshal number into Go value of type model.LabelValue"],
  ['[{"labels": {"up": true}}]', "json: cannot unmarshal bool into Go value of type model.LabelValue"],
  ['[{"labels": []}]', "json: cannot unmarshal array into Go value of type map[model.LabelName]model.LabelValue"],
  ['[{"labels": {"": "x"}}]', '"" is not a valid label name'],
])("the groups of %s are refused as Go refuses them", (text, message) => {
  expect(() => read(text)).toThrow(new GroupsError(message));
});
