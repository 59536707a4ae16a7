import { expect, test } from "vitest";
import { listedOptions } from "./variable-options.ts";

test("listedOptions() splits a text and its value at the first colon with spaces around it", () => {
  expect(listedOptions("a, Production  :  prod : 1,b:c,x :y")).toEqual([
    { text: "a", value: "a" },
    { text: "Production", value: "prod : 1" },
    { text: "b:c", value: "b:c" },
    { text: "x :y", value: "x :y" },
  ]);
});

test("listedOptions() reads a million spaces once", () => {
  expect(listedOptions(`a${" ".repeat(900_000)}b`)).toHaveLength(1);
});
