import { expect, test } from "vitest";
import { fuzzyFilter } from "./fuzzy.ts";
import { labelCardinality, selectorOf } from "./label-cardinality.ts";

test("a name matches if it contains the letters in order, and matches at the starts of words come first", () => {
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
  expect(fuzzyFilter("ü", ["grün", "rot"])).toEqual([{ text: "grün", positions: [2] }]);
});

test("a whole word ranks above scattered letters, and a shorter name above a longer one", () => {
  const names = ["container_spec_cpu_period", "a_c_p_u", "mycpu", "node_cpu_seconds_total", "cpu", "cpu_info"];
  expect(fuzzyFilter("cpu", names).map((match) => match.text)).toEqual([
    "cpu",
    "cpu_info",
    "node_cpu_seconds_total",
    "container_spec_cpu_period",
    "mycpu",
    "a_c_p_u",
  ]);
});

test("the time to match a name is proportional to its length", () => {
  const spread = ["m", "e", "m", "o", "r"].map((letter) => letter.repeat(200_000)).join("");
  expect(fuzzyFilter("memory", [spread, `${spread}y`]).map((match) => match.text.length)).toEqual([1_000_001]);
  expect(fuzzyFilter("aaab", ["a".repeat(400_000)])).toEqual([]);
  expect(fuzzyFilter("memory a", [`${spread}y`])).toEqual([]);
});

test("a match contains the positions of the matching letters", () => {
  expect(fuzzyFilter("UP", ["go_up"])[0]?.positions).toEqual([3, 4]);
  expect(fuzzyFilter("nctot", ["node_cpu_seconds_total"])[0]?.positions).toEqual([0, 5, 17, 18, 19]);
  expect(fuzzyFilter("total cpu", ["cpu_total"])[0]?.positions).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
});

test("each label has the number of series for each value, and labels with the most values come first", () => {
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

test("selectors quote names that need quotes", () => {
  expect(selectorOf("up", [])).toBe("up");
  expect(selectorOf("up", [{ name: "a.b", value: 'x"' }])).toBe('up{"a.b"="x\\""}');
  expect(selectorOf("a.b", [{ name: "c", value: "d" }])).toBe('{"a.b", c="d"}');
});
