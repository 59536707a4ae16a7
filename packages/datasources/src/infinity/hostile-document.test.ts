// Queries and documents that would take much more time or memory than their size suggests.
import type { JsonObject, NumericField } from "@narthex/dashboards";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { requestBudgets } from "../value-budget.ts";
import { documentTable } from "./document-rows.ts";
import { readInfinityTarget } from "./infinity-target.ts";
import { PermittedUrls } from "./permitted-urls.ts";
import { RowLimits } from "./row-limits.ts";
import { parseSelector, select } from "./root-selector.ts";
import { seriesFrame } from "./series-frame.ts";

const tableOf = (text: string, target: JsonObject) => {
  const limits = new RowLimits(requestBudgets().cells);
  return documentTable(text, readInfinityTarget({ source: "inline", ...target }), {
    limits,
    clock: new ManualClock(0),
  });
};

test.each(["delimiter", "comment"])(
  "a long %s is refused, because it is compared at each character",
  async (option) => {
    const target = { type: "csv", csv_options: { [option]: `${"a".repeat(10)}b` } };
    await expect(tableOf("a".repeat(1000), target)).rejects.toThrow("more than 10 characters");
  },
);

test("a line of CSV has a limited number of columns", async () => {
  await expect(tableOf(`a\n${",".repeat(100_001)}`, { type: "csv" })).rejects.toThrow("more than 100000 columns");
  expect(await tableOf(`a\n${",\n".repeat(100_001)}`, { type: "csv" })).toMatchObject({ rows: 100_001 });
});

test("the names of columns in a query are limited", async () => {
  const target = { type: "csv", csv_options: { columns: "a,".repeat(2001) } };
  await expect(tableOf("1", target)).rejects.toThrow("more than 2000 columns");
});

test("the elements of a long list do not become columns", async () => {
  await expect(tableOf(`[[${"0,".repeat(2000)}0]]`, { type: "json" })).rejects.toThrow("more than 2000 columns");
});

test("an element of XML has a limited number of attributes", async () => {
  const attributes = Array.from({ length: 2001 }, (_, at) => `a${at}=""`).join(" ");
  await expect(tableOf(`<r ${attributes}/>`, { type: "xml" })).rejects.toThrow("more than 2000 attributes");
});

test("the steps of a selector count, and do not visit values that do not exist", () => {
  const visited: number[] = [];
  const value = Array.from({ length: 100 }, (_, at) => (at < 10 ? { a: at } : {}));
  expect(select(value, parseSelector("*.a.b.c"), (values) => visited.push(values))).toEqual([]);
  expect(visited.reduce((sum, values) => sum + values)).toBe(210);
});

test("filters count, and read all their values only once", async () => {
  let read = 0;
  const values = new Proxy(Array.from({ length: 100 }, String), {
    get: (list, key) => (typeof key === "string" && /^\d/.test(key) && read++, Reflect.get(list, key) as unknown),
  });
  const filters = ["contains_ignorecase", "notin", "=="].map((operator) => ({ field: "a", operator, value: values }));
  const target = readInfinityTarget({ source: "inline", type: "csv", filters });
  const limits = new RowLimits(requestBudgets().cells);
  await documentTable(`a\n${"x\n".repeat(500)}`, target, { limits, clock: new ManualClock(0) });
  expect(read).toBeLessThanOrEqual(1000);

  const many = Array.from({ length: 1000 }, () => ({ field: "a", operator: "equals", value: ["x"] }));
  await expect(tableOf(`a\n${"x\n".repeat(20_001)}`, { type: "csv", filters: many })).rejects.toThrow(
    "visit more than 20000000 values",
  );
});

test("rows are sorted by time in short steps, and rows of equal time keep their order", () => {
  const length = 30_000;
  const times = Float64Array.from({ length }, (_, row) => (row * 7919) % 1009);
  const rows = Float64Array.from({ length }, (_, row) => row);
  const fields = [
    { name: "t", type: "time", values: times, config: {} },
    { name: "v", type: "number", values: rows, config: {} },
  ] as const;
  const work = seriesFrame({ refId: "A", length, fields }, 0, requestBudgets().cells);
  let steps = 0;
  let next = work.next();
  for (; next.done !== true; next = work.next()) steps++;
  const expected = Array.from(rows).sort((a, b) => times[a]! - times[b]! || a - b);
  expect(Array.from((next.value.fields[1] as NumericField).values)).toEqual(expected);
  expect(steps).toBeGreaterThan(length / 2048);
});

test.each([
  "/..%2fadmin",
  "/%2e%2e%2Fadmin",
  "/%2e./admin",
  "/..;/admin",
  "/..;x=1/admin",
  "/a/..%5cadmin",
  "/%252e%252e%252fadmin",
  "http://example.org/v1/..%2f..%2fadmin",
])("the URL %s is refused, because a server may take it for a folder above", (written) => {
  const settings = { url: "http://example.org/v1", name: "n", jsonData: {} };
  const urls = new PermittedUrls(settings as unknown as ConstructorParameters<typeof PermittedUrls>[0]);
  expect(() => urls.resolve(written)).toThrow("contains a backslash, a space or ..");
  expect(urls.resolve("/a..b/c%2fd?of=/../x").href).toBe("http://example.org/v1/a..b/c%2fd?of=/../x");
});
