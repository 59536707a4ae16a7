import { utf8Text } from "@narthex/bytes";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { describeMetric } from "../metrics/describe-metric.ts";
import { LEGACY_NAMES } from "./name-rules.ts";
import { textBodySteps } from "./text-body.ts";

const read = (text: string | Uint8Array): string => {
  const result = runToEnd(textBodySteps(typeof text === "string" ? Buffer.from(text) : text, LEGACY_NAMES));
  if (!result.ok) return result.message;
  return result.families
    .flatMap(({ name, metrics }) => metrics.map((one) => `${name} ${describeMetric(one)}`))
    .join("\n");
};

test("textBodySteps() keeps integer counts, and converts all counts of a histogram to floats if one is a float", () => {
  expect(read('# TYPE h histogram\nh_bucket{le="1"} 2\nh_count 3\nh_sum 4.5\n')).toBe(
    "h histogram:{sample_count:3  sample_sum:4.5  bucket:{cumulative_count:2  upper_bound:1}}",
  );
  expect(read('# TYPE h histogram\nh_bucket{le="1"} 2.5\nh_count 3\n')).toBe(
    "h histogram:{sample_count_float:3  bucket:{cumulative_count_float:2.5  upper_bound:1}}",
  );
});

test("textBodySteps() accepts a name inside braces at any position", () => {
  expect(read('{l="x","a"} 1\n')).toBe('a label:{name:"l"  value:"x"}  untyped:{value:1}');
});

test("textBodySteps() assigns a line that begins with a brace to the last summary, as the original does", () => {
  const summary = '# TYPE a summary\na{l="x",quantile="0.9"} 2\n';
  const one = (values: string): string => `a label:{name:"l"  value:"x"}  summary:{${values}}`;
  const quantile = (value: number): string => `quantile:{quantile:0.9  value:${value}}`;
  expect(read(`${summary}b 1\n{"a"} 1\n`)).toBe(`${one(`${quantile(2)}  ${quantile(1)}`)}\nb untyped:{value:1}`);
  expect(read(`${summary}{"a"} 1\n`)).toBe(`${one(quantile(2))}\na summary:{}`);
});

test("textBodySteps() accepts a summary's name inside braces and before labels, where the original panics", () => {
  expect(read('# TYPE a summary\n# TYPE b gauge\nb 1\n{"a",l="x"} 1\n')).toBe(
    'a label:{name:"l"  value:"x"}  summary:{}\nb gauge:{value:1}',
  );
});

test("textBodySteps() assigns labels before a name to the family of the line before, as the original does", () => {
  const text = '# TYPE a summary\na{quantile="0.9"} 2\n# TYPE b summary\nb_count 1\n{l="x","a",quantile="0.5"} 3\n';
  expect(read(text).split("\n")).toEqual([
    "a summary:{quantile:{quantile:0.9  value:2}}",
    'a label:{name:"l"  value:"x"}  summary:{quantile:{quantile:0.5  value:3}}',
    "b summary:{sample_count:1}",
  ]);
});

test.each([
  ["a 1 \n", 1, 'expected integer as timestamp, got ""'],
  ["a 1", 1, "unexpected end of input stream"],
  ['\n\na{l="x",l="y"} 1\n', 3, 'duplicate label names for metric "a"'],
  ["# TYPE h histogram\nh_count -1\n", 2, 'negative count for histogram "h"'],
  ["# TYPE a gauge \n", 1, 'unknown metric type "gauge "'],
  ['{"a","b"} 1\n', 1, 'multiple metric names for metric "a"'],
  ["{} 1\n", 1, "invalid metric name"],
])("textBodySteps() refuses %j in the words of the original", (text, line, problem) => {
  expect(read(text)).toBe(`text format parsing error in line ${line}: ${problem}`);
});

test("textBodySteps() shows bytes that are not UTF-8", () => {
  expect(read(Buffer.from('a{l="\xff"} 1\n', "latin1"))).toContain(String.raw`invalid label value "\xff"`);
});

test("textBodySteps() finds a repeated label among a large number of labels", () => {
  const labels = Array.from({ length: 990 }, (_, i) => `a${i}=""`).join();
  expect(read(`m{${labels}} 1\n`)).toContain('{name:"a989"  value:""}');
  expect(read(`m{${labels},a777=""} 1\n`)).toContain('duplicate label names for metric "m"');
});

test("utf8Text() keeps valid UTF-8 and marks each invalid byte", () => {
  const cases: readonly [readonly number[], string][] = [
    [[0x61, 0xff, 0x62], "a\udcffb"],
    [[0xc3, 0xa9, 0x80, 0xe2, 0x82], "é\udc80\udce2\udc82"],
    [[0xf0, 0x9f, 0x98, 0x80, 0xc0, 0x80, 0xed, 0xa0, 0x80], "😀\udcc0\udc80\udced\udca0\udc80"],
  ];
  for (const [bytes, text] of cases) expect(utf8Text(Uint8Array.from(bytes))).toBe(text);
});
