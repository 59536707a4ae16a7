import { expect, test } from "vitest";
import { family, histogramSamples, sample, summarySamples } from "../family.ts";
import { gather } from "./gather.ts";
import { writeText } from "./write-text.ts";

test("writeText() sorts families by name and prints HELP, TYPE, labels, values and times", () => {
  const text = writeText([
    family("gauge", "b", 'line\nbreak \\ and "quote"', [sample(1.5, { path: 'C:\\ "x"\n' }, 1000), sample(-0)]),
    family("counter", "a_total", "", 1e6),
  ]);
  expect(text).toBe(
    '# HELP a_total \n# TYPE a_total counter\na_total 1e+06\n# HELP b line\\nbreak \\\\ and "quote"\n# TYPE b gauge\n' +
      'b{path="C:\\\\ \\"x\\"\\n"} 1.5 1000\nb 0\n',
  );
});

test("writeText() quotes names with other characters than classic names", () => {
  const text = writeText([{ name: "a.b", help: "x", type: "unknown", samples: [sample(NaN, { "c.d": "e" })] }]);
  expect(text).toBe('# HELP "a.b" x\n# TYPE "a.b" untyped\n{"a.b","c.d"="e"} NaN\n');
});

test("histogramSamples() and summarySamples() are printed as a Go client prints them", () => {
  const text = writeText([
    {
      name: "h",
      help: undefined,
      type: "histogram",
      samples: histogramSamples({ bounds: [0.1, 1], counts: [1, 2], count: 3, sum: 4.5 }, { a: "b" }),
    },
    {
      name: "s",
      help: undefined,
      type: "summary",
      samples: summarySamples({ quantiles: [[0.5, 7]], count: 2, sum: 9 }),
    },
  ]);
  expect(text).toBe(
    '# TYPE h histogram\nh_bucket{a="b",le="0.1"} 1\nh_bucket{a="b",le="1"} 2\nh_bucket{a="b",le="+Inf"} 3\n' +
      'h_sum{a="b"} 4.5\nh_count{a="b"} 3\n# TYPE s summary\ns{quantile="0.5"} 7\ns_sum 9\ns_count 2\n',
  );
});

test("gather() merges families of one name and sorts metrics by label values, keeping the order of buckets", () => {
  const reading = { bounds: [2, 10], counts: [0, 0], count: 0, sum: 0 };
  const [merged] = gather([
    { name: "h", help: "x", type: "histogram", samples: histogramSamples(reading, { z: "1", a: "2" }) },
    { name: "h", help: "x", type: "histogram", samples: histogramSamples(reading, { z: "2", a: "1" }) },
  ]);
  expect(merged!.samples.map((s) => s.labels.join(" "))).toEqual([
    "a 1 z 2 le 2",
    "a 1 z 2 le 10",
    "a 1 z 2 le +Inf",
    "a 1 z 2",
    "a 1 z 2",
    "a 2 z 1 le 2",
    "a 2 z 1 le 10",
    "a 2 z 1 le +Inf",
    "a 2 z 1",
    "a 2 z 1",
  ]);
});

test.each(["histogram", "counter"] as const)(
  "gather() sorts a %s alike in whatever order samples and labels come",
  (type) => {
    const reading = { bounds: [2, 10], counts: [1, 2], count: 3, sum: 4 };
    const first = histogramSamples(reading, { a: "1", z: "1" });
    const second = histogramSamples(reading, { a: "1", z: "2" });
    const inOrder = { name: "h", help: "x", type, samples: [...first, ...second] };
    const turned = (labels: readonly string[], pairs: number): readonly string[] => [
      ...labels.slice(2 * pairs),
      ...labels.slice(0, 2 * pairs),
    ];
    const mixed = second
      .flatMap((one, i) => [one, first[i]!])
      .map((one, i) => ({ ...one, labels: turned(one.labels, i % 3) }));
    expect(writeText(gather([{ ...inOrder, samples: mixed }]))).toBe(writeText(gather([inOrder])));
  },
);
