import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { derivedColumns, derivedFieldsOf } from "./derived-fields.ts";

const valuesOf = (field: object, lines: readonly { text: string; labels: Readonly<Record<string, string>> }[]) => {
  const fields = derivedFieldsOf({ derivedFields: [{ name: "found", ...field }] });
  const columns = runToEnd(
    derivedColumns(
      fields,
      lines.map((line) => ({ nanoseconds: "1", ...line })),
    ),
  );
  return columns.map(({ values }) => values)[0];
};

test("only the first 64 KiB of a line and of the names of its labels are searched", () => {
  const line = (before: number) => ({ text: `${"x".repeat(before)}id=7`, labels: {} });
  expect(valuesOf({ matcherRegex: "id=(\\d)" }, [line(65_532), line(65_533)])).toEqual(["7", null]);
  const named = (before: number) => ({ text: "", labels: { ["x".repeat(before)]: "no", id: "7" } });
  expect(valuesOf({ matcherRegex: "^id$", matcherType: "label" }, [named(65_534), named(65_535)])).toEqual(["7", null]);
});

test("labels that several lines share are searched once", () => {
  let searches = 0;
  const labels = new Proxy<Record<string, string>>(
    { id: "7" },
    {
      ownKeys(target) {
        searches++;
        return Reflect.ownKeys(target);
      },
    },
  );
  const lines = Array.from({ length: 3 }, () => ({ text: "", labels }));
  expect(valuesOf({ matcherRegex: "^id$", matcherType: "label" }, lines)).toEqual(["7", "7", "7"]);
  expect(searches).toBe(1);
});

test("a pattern with nested repetitions is searched in linear time", () => {
  const line = { text: "a".repeat(5000), labels: {} };
  expect(valuesOf({ matcherRegex: "((a|aa)*)*(c)" }, [line])).toBeUndefined();
});

test("the search can yield after each line", () => {
  const fields = derivedFieldsOf({ derivedFields: [{ name: "a", matcherRegex: "(a)" }] });
  const lines = Array.from({ length: 3 }, () => ({ nanoseconds: "1", text: "a", labels: {} }));
  const steps = derivedColumns(fields, lines);
  let yields = 0;
  while (steps.next().done !== true) yields++;
  expect(yields).toBe(3);
});
