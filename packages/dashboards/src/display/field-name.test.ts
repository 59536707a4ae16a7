import { expect, test } from "vitest";
import type { Field, Frame } from "../frame/frame.ts";
import { FieldNames, frameName } from "./field-name.ts";

const numbers = (name: string, rest: Partial<Field> = {}): Field =>
  ({ name, type: "number", values: Float64Array.of(1), config: {}, ...rest }) as Field;

const frame = (fields: Field[], name?: string): Frame => ({
  length: 1,
  fields,
  ...(name === undefined ? {} : { name }),
});

const namesOf = (frames: Frame[]): string[][] => {
  const names = new FieldNames(frames);
  return frames.map((one) => one.fields.map((field) => names.nameOf(field, one)));
};

test("a field's name comes from its settings, its source, its labels, its frame or its column", () => {
  const labels = { job: "b", host: "a" };
  expect(
    namesOf([
      frame([
        numbers("Value", { config: { displayName: "Mine", displayNameFromDS: "Theirs" } }),
        numbers("Value", { config: { displayName: "", displayNameFromDS: "Theirs" } }),
        numbers("Value", { labels }),
        numbers("load", { labels }),
        numbers(""),
      ]),
    ]),
  ).toEqual([["Mine", "Theirs", '{host="a", job="b"}', 'load {host="a", job="b"}', "Value"]]);
  expect(namesOf([frame([numbers("Value")], "up")])).toEqual([["up"]]);
});

test("if all labels of all frames have the same single name, a field is named by the value of its label", () => {
  const of = (host: string): Frame => frame([numbers("Value", { labels: { host } })]);
  expect(namesOf([of("a"), of("b")])).toEqual([["a"], ["b"]]);
  expect(namesOf([of("a"), frame([numbers("Value", { labels: { job: "x" } })])])).toEqual([
    ['{host="a"}'],
    ['{job="x"}'],
  ]);
});

test("frames with different names give their names to the fields", () => {
  expect(namesOf([frame([numbers("a")], "x"), frame([numbers("a"), numbers("Value")], "y")])).toEqual([
    ["x a"],
    ["y a", "y"],
  ]);
});

test("columns with the same name are numbered", () => {
  expect(namesOf([frame([numbers("a"), numbers("b"), numbers("a")])])).toEqual([["a 1", "b", "a 2"]]);
});

test("frameName() returns the name of a series", () => {
  const time = numbers("Time", { type: "time" });
  expect(frameName(frame([time, numbers("Value", { labels: { host: "a" } })]))).toBe("a");
  expect(frameName(frame([time, numbers("x"), numbers("y")]))).toBe("x, y");
  expect(frameName(frame([], "named"))).toBe("named");
});
