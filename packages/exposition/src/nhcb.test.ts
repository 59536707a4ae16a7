import { expect, test } from "vitest";
import { NhcbReader } from "./nhcb.ts";
import { readAll } from "./testing/read-all.ts";
import { TextReader } from "./text.ts";

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

test("NhcbReader makes one histogram of classic parts, none of counts that fall, and leaves other series alone", () => {
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

test("NhcbReader keeps classic series beside the histogram where told", () => {
  const entries = read(true);
  expect(entries).toHaveLength(13);
  expect(entries.filter((entry) => entry.includes("{a=b}"))).toHaveLength(3);
  expect(entries[6]).toMatch(/^h\{a=b\} \{/);
});

test("NhcbReader gives out a histogram at the end of the body", () => {
  const body = new TextEncoder().encode("# TYPE h histogram\nh_count 1\nh_sum 2");
  expect(readAll(new NhcbReader(new TextReader(body), false))[1]).toMatch(/^h \{.*"count":1,"sum":2/);
});
