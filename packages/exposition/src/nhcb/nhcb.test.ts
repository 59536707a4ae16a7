import { expect, test } from "vitest";
import { ENTRY_END, ENTRY_HISTOGRAM, ENTRY_SERIES } from "../entries.ts";
import { LineCache } from "../line-cache/line-cache.ts";
import { NhcbReader } from "./nhcb.ts";
import { OpenMetricsReader } from "../text/openmetrics.ts";
import { ExpositionError } from "../problem.ts";
import { readAll } from "../testing/read-all.ts";
import { TextReader } from "../text/text.ts";

const BODY = `# TYPE h histogram
h_bucket{a="b",le="1"} 1
h_bucket{a="b",le="2.5"} 3
h_bucket{a="b",le="+Inf"} 4
h_sum{a="b"} 6
h_count{a="b"} 4
h_bucket{le="1"} 5
h_bucket{le="+Inf"} 2
h_sum 1
h_count 2
# TYPE g gauge
g_count 1
`;

const read = (keepClassic: boolean): string[] =>
  readAll(new NhcbReader(new TextReader(new TextEncoder().encode(BODY)), keepClassic));

test("NhcbReader converts classic parts to one histogram, drops them if counts fall, and leaves other series unchanged", () => {
  const entries = read(false);
  expect(entries.map((entry) => entry.slice(0, 8))).toEqual(["TYPE h h", "h{a=b} {", "TYPE g g", "g_count "]);
  expect(JSON.parse(entries[1]!.slice(7))).toMatchObject({
    schema: -53,
    count: 4,
    sum: 6,
    integer: true,
    positiveBuckets: { 0: 1, 1: 2, 2: 1 },
    customBounds: { 0: 1, 1: 2.5 },
  });
});

test("NhcbReader also keeps the classic series if asked to", () => {
  const entries = read(true);
  expect(entries).toHaveLength(13);
  expect(entries.filter((entry) => entry.includes("{a=b}"))).toHaveLength(3);
  expect(entries[6]).toMatch(/^h\{a=b\} \{/);
});

test("NhcbReader returns a histogram at the end of the body", () => {
  const body = new TextEncoder().encode("# TYPE h histogram\nh_count 1\nh_sum 2");
  expect(readAll(new NhcbReader(new TextReader(body), false))[1]).toMatch(/^h \{.*"count":1,"sum":2/);
});

/** Returns the histograms of a text body as `count sum [bounds](spans: counts) integer @time`. */
function histograms(body: string, keepClassic = false): string[] {
  const reader = new NhcbReader(new TextReader(new TextEncoder().encode(body)), keepClassic);
  const out: string[] = [];
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind !== ENTRY_HISTOGRAM) continue;
    const { count, sum, customBounds, positiveSpans, positiveBuckets, integer } = reader.histogram();
    const spans = positiveSpans.map(({ offset, length }) => `${offset}+${length}`).join(" ");
    out.push(
      `${count} ${sum} [${customBounds!.join(" ")}](${spans}: ${positiveBuckets.join(" ")}) ${integer} @${reader.timestamp}`,
    );
  }
  return out;
}

const buckets = (...pairs: readonly (readonly [string, number])[]): string =>
  `# TYPE h histogram\n${pairs.map(([bound, count]) => `h_bucket{le="${bound}"} ${count}\n`).join("")}`;

test("if several buckets have one bound, the first one counts, in any order", () => {
  const body = buckets(["2", 3], ["1", 1], ["2", 4], ["1", 0], ["+Inf", 3]);
  expect(histograms(body)).toEqual(["3 0 [1 2](0+2: 1 2) true @NaN"]);
});

test("buckets in any order make the same histogram as in rising order", () => {
  const rising = Array.from({ length: 500 }, (_, i) => [String(i), i] as const);
  const expected = histograms(buckets(...rising));
  expect(expected).toHaveLength(1);
  expect(histograms(buckets(...rising.toReversed()))).toEqual(expected);
  expect(histograms(buckets(...rising.toSorted(([a], [b]) => (a < b ? -1 : 1))))).toEqual(expected);
  expect(histograms(buckets(["3", 1], ["1", 2], ["2", 2]))).toEqual([]);
});

test("a classic histogram of more than 100,000 series is refused", () => {
  const line = 'h_bucket{le="1"} 1 # {} 1 1\n';
  const body = new TextEncoder().encode(`# TYPE h histogram\n${line.repeat(100_001)}# EOF\n`);
  expect(() => readAll(new NhcbReader(new OpenMetricsReader(body), false))).toThrow(
    new ExpositionError("more than 100000 series in one classic histogram", 0),
  );
});

test("empty buckets are removed: for integer counts those at the ends and runs of three or more, otherwise all", () => {
  const whole = buckets(["1", 0], ["2", 1], ["3", 1], ["4", 2], ["5", 2], ["6", 2], ["7", 2], ["8", 3], ["+Inf", 3]);
  expect(histograms(whole)).toEqual(["3 0 [1 2 3 4 5 6 7 8](1+3 3+1: 1 0 1 1) true @NaN"]);
  const broken = buckets(["1", 0], ["2", 0.5], ["3", 0.5], ["+Inf", 1]);
  expect(histograms(broken)).toEqual(["1 0 [1 2 3](1+1 1+1: 0.5 0.5) false @NaN"]);
});

test("counts beyond 64 bits are not treated as integers", () => {
  expect(histograms(buckets(["+Inf", 1e300]))).toEqual(["1e+300 0 [](0+1: 1e+300) false @NaN"]);
});

test("a comment, other labels or another family end a histogram, but another order of labels does not", () => {
  const body = [
    "# TYPE h histogram",
    'h_bucket{a="1",b="2",le="+Inf"} 1',
    'h_count{b="2",a="1"} 1',
    "# a comment",
    'h_sum{a="1",b="2"} 5',
    'h_sum{a="2"} 6',
    "other_sum 1",
  ];
  expect(histograms(`${body.join("\n")}\n`)).toEqual([
    "1 0 [](0+1: 1) true @NaN",
    "0 5 [](: ) true @NaN",
    "0 6 [](: ) true @NaN",
  ]);
});

test("an empty label ends a histogram, but the histograms before and after it are one series", () => {
  const body = '# TYPE h histogram\nh_count{a="",b="1"} 1\nh_count{b="1"} 2\nh_count{b="1",c="2"} 3\n';
  const reader = new NhcbReader(new TextReader(new TextEncoder().encode(body)), false);
  const cache = new LineCache();
  cache.begin();
  const found: (readonly [series: number, count: number])[] = [];
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next())
    if (kind === ENTRY_HISTOGRAM) found.push([cache.take(reader), reader.histogram().count]);
  expect(found).toEqual([
    [0, 1],
    [0, 2],
    [1, 3],
  ]);
});

test("a histogram has the time of the series that ended it", () => {
  const body = '# TYPE h histogram\nh_count{a="1"} 1 1000\nh_count{a="2"} 1 2000\nh_sum{a="2"} 1 3000\n';
  expect(histograms(body).map((row) => row.split("@")[1])).toEqual(["2000", "3000"]);
});

test("the histogram has its buckets' exemplars that have a time; classic series that are kept have none", () => {
  const body =
    '# TYPE h histogram\nh_bucket{le="1"} 1 # {a="b"} 1 2\nh_bucket{le="+Inf"} 1 # {a="c"} 1\nh_count 1\nh_sum 1\n# EOF\n';
  const reader = new NhcbReader(new OpenMetricsReader(new TextEncoder().encode(body)), true);
  const found: string[][] = [];
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind === ENTRY_SERIES || kind === ENTRY_HISTOGRAM)
      found.push(reader.exemplars().map(({ labels }) => labels.join()));
  }
  expect(found).toEqual([[], [], [], [], ["a,b"]]);
});

test("a histogram that a comment ends has the time of its own last series, and a histogram that a series ends has the time of that series", () => {
  const parts = 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2';
  expect(histograms(`# TYPE h histogram\n${parts} 5\n# comment\nx 1 7\n`)).toEqual([expect.stringMatching(/ @5$/)]);
  expect(histograms(`# TYPE h histogram\n${parts}\n#\nx 1 7\n`)).toEqual([expect.stringMatching(/ @NaN$/)]);
  expect(histograms(`# TYPE h histogram\n${parts} 5\nx 1 7\n`)).toEqual([expect.stringMatching(/ @7$/)]);
});
