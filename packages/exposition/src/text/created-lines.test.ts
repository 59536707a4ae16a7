import { expect, test } from "vitest";
import { ENTRY_END, ENTRY_HISTOGRAM, ENTRY_SERIES } from "../entries.ts";
import { LineCache } from "../line-cache/line-cache.ts";
import { openReader } from "../open-reader.ts";

/** Returns each series with its start time in ms. */
function starts(body: string, cache?: LineCache): string[] {
  const reader = openReader("openmetrics", new TextEncoder().encode(body), cache, { createdLines: true });
  const out: string[] = [];
  cache?.begin();
  for (;;) {
    const kind = reader.next();
    if (kind === ENTRY_END) return out;
    if (kind !== ENTRY_SERIES) continue;
    const text = new TextDecoder().decode(reader.seriesBytes.subarray(reader.seriesStart, reader.seriesEnd));
    out.push(`${text} ${reader.startTimestamp}`);
    expect(reader.peekKnown?.()).toBeUndefined();
    cache?.take(reader);
  }
}

test("a counter, histogram or summary starts at the time of its created line, and the line is not a series", () => {
  const body = `# TYPE a counter
a_total{x="1"} 1 # {id="7"} 1
a_created{x="1"} 1.5
a_total{x="2"} 1
a_created{x="2"} 2
# TYPE h histogram
h_bucket{x="1",le="1"} 1
h_bucket{x="1",le="+Inf"} 1
h_count{x="1"} 1
h_sum{x="1"} 1
h_created{x="1"} 3
# TYPE s summary
s{quantile="0.5"} 1
s_count 1
s_created 4
# TYPE g gauge
g_created 5
# EOF
`;
  const expected = [
    'a_total{x="1"} 1500',
    'a_total{x="2"} 2000',
    'h_bucket{x="1",le="1"} 3000',
    'h_bucket{x="1",le="+Inf"} 3000',
    'h_count{x="1"} 3000',
    'h_sum{x="1"} 3000',
    's{quantile="0.5"} 4000',
    "s_count 4000",
    "g_created 0",
  ];
  expect(starts(body)).toEqual(expected);
  const cache = new LineCache();
  for (let scrape = 0; scrape < 3; scrape++) expect(starts(body, cache)).toEqual(expected);
});

test("only the next created line of the family is used, and only after the series", () => {
  const body = `# TYPE a counter
a_total{x="1"} 1
a_total{x="2"} 1
a_created{x="1"} 1
a_created{x="2"} 2
# TYPE b counter
b_created 1
b_total 1
# TYPE c counter
c_total 1
# TYPE d counter
c_created 1
d_total 1
# EOF
`;
  expect(starts(body)).toEqual(['a_total{x="1"} 1000', 'a_total{x="2"} 0', "b_total 0", "c_total 0", "d_total 0"]);
});

test("quoted names have a start too", () => {
  const body = `# TYPE "a.b" counter
{"a.b_total",x="1"} 1
{"a.b_created",x="1"} 7
# EOF
`;
  expect(starts(body)).toEqual(['{"a.b_total",x="1"} 7000']);
});

test("an error in a later line is reported when that line is reached, not before", () => {
  const body = `# TYPE a counter\na_total 1\na_total{x="1"} 1\na_created x\n# EOF\n`;
  const reader = openReader("openmetrics", new TextEncoder().encode(body), undefined, { createdLines: true });
  expect(reader.next()).not.toBe(ENTRY_SERIES);
  for (let i = 0; i < 2; i++) {
    expect(reader.next()).toBe(ENTRY_SERIES);
    expect(reader.startTimestamp).toBe(0);
  }
  expect(() => reader.next()).toThrow(/a_created x/);
});

test("a histogram converted from a classic one has the start of that one", () => {
  const body = `# TYPE h histogram
h_bucket{le="+Inf"} 1
h_count 1
h_sum 1
h_created 3
# EOF
`;
  const options = { createdLines: true, convertToNhcb: true };
  const reader = openReader("openmetrics", new TextEncoder().encode(body), undefined, options);
  reader.next();
  expect(reader.next()).toBe(ENTRY_HISTOGRAM);
  expect([reader.labels(), reader.startTimestamp]).toEqual([["__name__", "h"], 3000]);
  expect(reader.next()).toBe(ENTRY_END);
});
