import * as fc from "fast-check";
import { expect, test } from "vitest";
import { NhcbReader } from "./nhcb/nhcb.ts";
import { OpenMetricsReader } from "./text/openmetrics.ts";
import { CachedReading, readPlain } from "./testing/cached-reading.ts";
import { inWindows } from "./testing/in-windows.ts";
import { TextReader } from "./text/text.ts";

const encoder = new TextEncoder();

const PARTS = [
  "# TYPE a gauge\n",
  "# TYPE a gaugehistogram\n",
  "# TYPE h histogram\n",
  "# HELP a text of some length\n",
  "# HELP a_seconds\n",
  "# UNIT a_seconds seconds\n",
  "# comment\n",
  "\n",
  " \t\n",
  "#\0\n",
  "\0",
  "a 1\n",
  "a 12 1700000000000\n",
  'a{x="1"} 2\n',
  'a{x="two\nlines"} 3\n',
  'a{x="es\\"caped\\\\"} 4e3\n',
  'a { x = "1" } 5\n',
  '{"quoted name",x="é"} 6\n',
  'a 7 # {trace_id="abc"} 1.5 1700000000.5\n',
  "a 8 #\n",
  "a 9 # {",
  'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n',
  `a{long="${"l".repeat(300)}"} 1\n`,
  "a 1",
  "a{",
  "!",
  "# EOF\n",
  "# EOF",
];
const bodies = fc.array(fc.tuple(fc.constantFrom(...PARTS), fc.boolean()), { maxLength: 30 }).map((parts) => {
  // Generates bodies that usually begin with valid lines, because the first error ends the reading.
  const text = parts
    .map(([part, bold]) => (bold || /^(?:# [HTU]\w+ |a(?:\{x="1"\})? )[^\n]*\n$/.test(part) ? part : ""))
    .join("");
  return encoder.encode(text);
});
const steps = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 8 });

const READERS = {
  text: (window: Uint8Array, windowed: boolean, cache?: CachedReading) =>
    new TextReader(window, cache?.cache, { windowed }),
  OpenMetrics: (window: Uint8Array, windowed: boolean, cache?: CachedReading) =>
    new OpenMetricsReader(window, cache?.cache, { windowed }),
} as const;

test.each(Object.entries(READERS))(
  "%s: a body read in windows gives the same result as a whole body, including errors",
  (_, open) =>
    fc.assert(
      fc.property(bodies, steps, (body, sizes) => {
        let at = 0;
        const step = (): number => sizes[at++ % sizes.length]!;
        const whole = readPlain(open(body, false));
        expect(readPlain(inWindows(body, open, step))).toEqual(whole);
        const cached = new CachedReading();
        for (let round = 0; round < 3; round++) {
          const reader = inWindows(body, (window, windowed) => open(window, windowed, cached), step);
          expect(cached.read(reader)).toEqual(whole);
        }
        expect(readPlain(new NhcbReader(inWindows(body, open, step), true))).toEqual(
          readPlain(new NhcbReader(open(body, false), true)),
        );
      }),
      { numRuns: 1500 },
    ),
);

test("the error for a line that is too long contains its beginning, whatever the windows", () => {
  const body = new Uint8Array(40 * 1024 * 1024).fill(0x61);
  const told = readPlain(inWindows(body, READERS.text, () => 8 * 1024 * 1024));
  expect(told).toEqual(readPlain(READERS.text(body, false)));
  expect(told[0]).toContain('line longer than 16777216 bytes while parsing: "aaaa');
});
