import { ALL_OPTION } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { chosenText, offeredOptions, toggled } from "./chosen-options.ts";

const option = (value: string) => ({ text: value, value });

test("the selection is shown as text", () => {
  expect(chosenText([])).toBe("None");
  expect(chosenText([ALL_OPTION])).toBe("All");
  expect(chosenText([option("a"), option("b")])).toBe("a + b");
  expect(chosenText([option("")])).toBe("(empty)");
  expect(chosenText(Array.from({ length: 23 }, (_, at) => option(`${at}`)))).toMatch(/19 and 3 more$/);
});

test("the option the option All comes first, then selected values that are not options", () => {
  const options = [option("a"), option("b")];
  expect(offeredOptions({ includeAll: true }, options, [option("x")]).map(({ value }) => value)).toEqual([
    "$__all",
    "x",
    "a",
    "b",
  ]);
  expect(offeredOptions({ includeAll: false }, [ALL_OPTION, ...options], [ALL_OPTION])).toEqual(options);
});

test("selecting All removes the other options", () => {
  expect(toggled([option("a")], ALL_OPTION)).toEqual([ALL_OPTION]);
  expect(toggled([ALL_OPTION], option("a"))).toEqual([option("a")]);
  expect(toggled([ALL_OPTION], ALL_OPTION)).toEqual([]);
  expect(toggled([option("a"), option("b")], option("a"))).toEqual([option("b")]);
});
