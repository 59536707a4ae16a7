import fc from "fast-check";
import { expect, test } from "vitest";
import { metricSelectors } from "./metric-selectors.ts";

const read = (expression: string) =>
  metricSelectors(expression).map(
    ({ metric, matchers }) =>
      `${metric ?? ""}{${matchers.map(({ name, operator, value }) => `${name}${operator}${value}`).join(",")}}`,
  );

test.each([
  ["up", ["up{}"]],
  ['sum by (job, instance) (rate(a_total{job="x",code=~"5.."}[5m])) / sum(b:c)', ["a_total{job=x,code=~5..}", "b:c{}"]],
  ["sum(a) without (x) > bool on (le) group_left(team) b offset 5m", ["a{}", "b{}"]],
  ["SUM BY (x) (a) AND ON () b or c unless d", ["a{}", "b{}", "c{}", "d{}"]],
  ["rate(a[$__rate_interval]) + a[1h:5m] @ start() # b\n+ 0x1f + 1e3 + Inf", ["a{}", "a{}"]],
  [String.raw`{"http.requests", 'a.b'!="x\"y", c!~` + "`d\\.e`}", [String.raw`http.requests{a.b!=x"y,c!~d\.e}`]],
  ['{__name__="a",b=""}', ["a{b=}"]],
  ['{__name__=~"a|b"}', ["{__name__=~a|b}"]],
  ['label_replace(a, "dst", "$1", "src", "(b.*)") == on(dst) $metric', ["a{}"]],
  ['a{b="c"', ["a{b=c}"]],
  ["", []],
])("metricSelectors() reads the selectors of %s", (expression, selectors) =>
  expect(read(expression)).toEqual(selectors),
);

test("a variable with an unclosed brace extends to the end of the text, so that each character is read once", () => {
  expect(read("x ${a b {c")).toEqual(["x{}"]);
  expect(read("x ${a} y")).toEqual(["x{}", "y{}"]);
  const text = "${".repeat(50_000);
  for (let round = 0; round < 100; round++) expect(metricSelectors(text)).toEqual([]);
});

test("the reader reads any text to its end without an error without an error", () => {
  const parts = [
    "sum",
    "by",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "`",
    "\\",
    "#",
    "\n",
    "=~",
    "a",
    "${",
    "$x",
    "5m",
    ",",
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...parts), fc.string())), (texts) => {
      for (const { metric, matchers } of metricSelectors(texts.join("")))
        expect([metric === "", matchers.filter(({ operator }) => !["=", "!=", "=~", "!~"].includes(operator))]).toEqual(
          [false, []],
        );
    }),
  );
  const long = "a{".repeat(40_000);
  expect(metricSelectors(long).length).toBeGreaterThan(0);
});
