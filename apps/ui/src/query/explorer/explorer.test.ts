import { expect, test } from "vitest";
import { fuzzyFilter } from "./fuzzy.ts";
import { labelCardinality, selectorOf } from "./label-cardinality.ts";

test("letters in order match, beginnings of words first", () => {
  const names = ["thttpx_y", "prometheus_http_requests_total", "http_requests", "up"];
  expect(fuzzyFilter("httpreq", names).map((match) => match.text)).toEqual([
    "http_requests",
    "prometheus_http_requests_total",
  ]);
  expect(fuzzyFilter("", names)).toHaveLength(4);
  expect(fuzzyFilter("zz", names)).toEqual([]);
  expect(fuzzyFilter("requests http prom", names).map((match) => match.text)).toEqual([
    "prometheus_http_requests_total",
  ]);
  expect(fuzzyFilter("ü", ["grün", "rot"])).toEqual([{ text: "grün", positions: [] }]);
});

test("positions point at the letters that matched", () => {
  expect(fuzzyFilter("UP", ["go_up"])[0]?.positions).toEqual([3, 4]);
});

test("labels come with the number of series per value, the most diverse first", () => {
  const series = [
    { __name__: "up", job: "a", instance: "1" },
    { __name__: "up", job: "a", instance: "2" },
    { __name__: "up", job: "b", instance: "3" },
  ];
  expect(labelCardinality(series).map((label) => label.name)).toEqual(["instance", "job"]);
  expect(labelCardinality(series)[1]?.values).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
});

test("selectors quote what needs quotes", () => {
  expect(selectorOf("up", [])).toBe("up");
  expect(selectorOf("up", [{ name: "a.b", value: 'x"' }])).toBe('up{"a.b"="x\\""}');
  expect(selectorOf("a.b", [{ name: "c", value: "d" }])).toBe('{"a.b", c="d"}');
});
