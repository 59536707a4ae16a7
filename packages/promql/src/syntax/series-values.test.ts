import { expect, test } from "vitest";
import { parseSeriesDescription, type SequenceValue } from "./series-values.ts";

function valuesOf(text: string): readonly SequenceValue[] {
  const result = parseSeriesDescription(text);
  if (!result.ok) throw new Error(String(result.errors[0]));
  return result.values;
}

const plain = (value: SequenceValue): unknown => (value.kind === "float" ? value.value : value.kind);

test("parseSeriesDescription() expands repetitions, steps and gaps", () => {
  expect(valuesOf("up 1 _ 2x2 1+2x2 -1-1x1 _x2 stale .5 1e3 NaN -Inf 0+0.1x3").map(plain)).toEqual([
    1,
    "omitted",
    2,
    2,
    2,
    1,
    3,
    5,
    -1,
    -2,
    "omitted",
    "omitted",
    "stale",
    0.5,
    1000,
    NaN,
    -Infinity,
    0,
    0.1,
    0.2,
    0.2 + 0.1,
  ]);
});

const labels = (text: string): string => {
  const result = parseSeriesDescription(text);
  return result.ok ? result.labels.toString() : String(result.errors[0]);
};

test("parseSeriesDescription() reads descriptions with names, with labels and with neither", () => {
  expect(labels('up{a="b"} 1')).toBe('{__name__="up", a="b"}');
  expect(labels("sum 1")).toBe('{__name__="sum"}');
  expect(labels('{"a.b", "c d"="e"} 1')).toBe('{__name__="a.b", "c d"="e"}');
  expect(labels("{} 1")).toBe("{}");
});

test("parseSeriesDescription() reads histograms", () => {
  const [first, second] = valuesOf(
    "h {{schema:1 sum:-0.3 count:3.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7] offset:-3 n_buckets:[4.1 5] n_offset:-5 counter_reset_hint:gauge}} {{}}x1",
  );
  expect(first).toMatchObject({
    kind: "histogram",
    hintSet: true,
    histogram: { schema: 1, sum: -0.3, count: 3.1, zeroCount: 7.1, zeroThreshold: 0.05, resetHint: "gauge" },
  });
  expect(first).toMatchObject({
    histogram: { positiveSpans: [{ offset: -3, length: 3 }], negativeSpans: [{ offset: -5, length: 2 }] },
  });
  expect(second).toMatchObject({ kind: "histogram", hintSet: false, histogram: { schema: 0, positiveSpans: [] } });
});

test.each([
  ["a {{ }}", ["histogram"]],
  ["a", []],
  ["a 1  2 ", [1, 2]],
  ["a 1-2x2", [1, -1, -3]],
  ["a +1", [1]],
  ["a _ _x0 1x0", ["omitted", 1]],
  ["a {{sum:1}}x0 2", ["histogram", 2]],
])("parseSeriesDescription() reads %j", (text, expected) => {
  expect(valuesOf(text).map(plain)).toEqual(expected);
});

test("parseSeriesDescription() accepts values that are not finite, and names in any case", () => {
  expect(valuesOf("a {{SUM:-inf Z_bucket:NaN count:Inf N_Buckets:[1 -2 ]}}")).toMatchObject([
    { histogram: { sum: -Infinity, zeroCount: NaN, count: Infinity, negativeBuckets: Float64Array.of(1, -2) } },
  ]);
});

test("parseSeriesDescription() adds histograms", () => {
  const counts = valuesOf("h {{count:1 sum:2 buckets:[1]}}+{{count:2 sum:1 buckets:[2]}}x2").map((value) =>
    value.kind === "histogram" ? [value.histogram.count, value.histogram.sum, ...value.histogram.positiveBuckets] : [],
  );
  expect(counts).toEqual([
    [1, 2, 1],
    [3, 3, 3],
    [5, 4, 5],
  ]);
  const [, taken] = valuesOf("h {{count:3 sum:3 buckets:[3]}}-{{count:1 sum:2 buckets:[1]}}x1");
  expect(taken).toMatchObject({ histogram: { count: 2, sum: 1, positiveBuckets: Float64Array.of(2) } });
});

test.each([
  ["a 5m", '1:3: parse error: bad number syntax: "5"'],
  ["a 1 foo", '1:5: parse error: unexpected identifier "foo" in series values, expected number or "stale"'],
  ["a 1x", "1:5: parse error: unexpected end of input in series values"],
  [
    "a 1x1.5",
    '1:5: parse error: invalid repetition in series values: strconv.ParseUint: parsing "1.5": invalid syntax',
  ],
  ["a _1", '1:4: parse error: unexpected number "1"'],
  ["a _-x3", "1:4: parse error: unexpected <op:->"],
  ["a 1 x", '1:5: parse error: unexpected "x"'],
  ["a sta:le", '1:3: parse error: unexpected metric identifier "sta:le"'],
  ["a sum", "1:3: parse error: unexpected <aggr:sum>"],
  ["a 1 {{}}{{}}", '1:9: parse error: unexpected "{{"'],
  ["a {{sum:1 ]}}", "1:11: parse error: histogram description incomplete unexpected: ']'"],
  ['a "', "1:3: parse error: unexpected character in series sequence: '\"'"],
  ["on{} 1", "1:1: parse error: unexpected <on> in series values"],
  ["inf 1", '1:1: parse error: unexpected number "inf" in series values'],
  ["]", "1:1: parse error: unexpected right bracket ']'"],
  ["a $", "1:3: parse error: unexpected character in series sequence: '$'"],
  ["a {{foo:1}}", '1:5: parse error: bad histogram descriptor found: "foo"'],
  ["a {{schema:1 schema:2}}", '1:1: parse error: duplicate key "schema" in histogram'],
  ["a {{schema:0}}+{{schema:-1}}x2", "1:31: parse error: error combining histograms: cannot merge from schema -1 to 0"],
  ["a {{ x}}", '1:6: parse error: unexpected "x" in series values'],
  ["a {{", "1:5: parse error: histogram description incomplete unexpected: '�'"],
  [
    "a {{1}}",
    '1:5: parse error: unexpected number "1" in histogram description, expected histogram description key, e.g. buckets:[5 10 7]',
  ],
  ["a {{schema}}", "1:5: parse error: missing `:` for histogram descriptor"],
  ["a {{counter_reset_hint:x}}", '1:24: parse error: bad histogram descriptor found: "x"'],
  ["a {{counter_reset_hint:constructor}}", '1:24: parse error: bad histogram descriptor found: "constructor"'],
  [
    "a {{sum:x}}",
    '1:9: parse error: unexpected "x" in histogram description, expected histogram description key, e.g. buckets:[5 10 7]',
  ],
  [
    "a {{buckets:1}}",
    '1:13: parse error: unexpected number "1" in histogram description, expected histogram description key, e.g. buckets:[5 10 7]',
  ],
  ["a {{buckets:[1,2]}}", "1:15: parse error: invalid character in buckets description: ','"],
  ["a {{buckets:[1 2}}", "1:17: parse error: invalid character in buckets description: '}'"],
  ["a {{}}+", "1:8: parse error: unexpected end of input in series values"],
  ["a {{}}-{{}}", "1:12: parse error: unexpected end of input in series values"],
  ["a {{}}+{{}}x", "1:13: parse error: unexpected end of input in series values"],
  ["a {{}}+{{schema:-53}}x2", "1:24: parse error: error combining histograms: cannot merge from schema -53 to 0"],
  ["a {{}}x", "1:8: parse error: unexpected end of input in series values"],
  [
    "a 1x99999999999999999999",
    '1:5: parse error: invalid repetition in series values: strconv.ParseUint: parsing "99999999999999999999": value out of range',
  ],
  ["a 1+x2", '1:5: parse error: unexpected "x" in series values'],
  ["a 1+2", "1:6: parse error: unexpected end of input in series values"],
  ["a _x", "1:5: parse error: unexpected end of input in series values"],
  ["a -x", '1:4: parse error: unexpected "x" in series values'],
  ["a 1e", '1:3: parse error: bad number syntax: "1"'],
  ["a 0x", "1:5: parse error: unexpected end of input in series values"],
  ["a 'x'", "1:3: parse error: unexpected character in series sequence: '\\''"],
  ["a{b} 1", '1:4: parse error: unexpected "}" in label set, expected "="'],
  ["a 1x-1", "1:5: parse error: unexpected <op:-> in series values"],
  ["a 1x2x3", '1:6: parse error: unexpected "x"'],
  ["a {{schema:0 hint:reset}}", '1:14: parse error: bad histogram descriptor found: "hint"'],
  [
    "a {{counter_reset_hint:RESET counter_reset_hint:gauge}}",
    '1:1: parse error: duplicate key "counter_reset_hint" in histogram',
  ],
  ["a é", "1:3: parse error: unexpected character in series sequence: 'é'"],
  ["a 1 stale_", '1:5: parse error: unexpected identifier "stale_" in series values, expected number or "stale"'],
  ["a stalex2", '1:3: parse error: unexpected identifier "stalex2" in series values, expected number or "stale"'],
  ['a{b="c" d="e"} 1', '1:9: parse error: unexpected identifier "d" in label set, expected "," or "}"'],
])("parseSeriesDescription() refuses %j", (text, error) => {
  const result = parseSeriesDescription(text);
  expect(result.ok ? "no error" : String(result.errors[0])).toBe(error);
});
