import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineCache } from "./line-cache.ts";
import { LINE_MATCHER_SOURCE } from "./line-matcher.wasm.ts";
import { OpenMetricsReader } from "../text/openmetrics.ts";
import { CachedReading, readPlain } from "../testing/cached-reading.ts";
import { TextReader } from "../text/text.ts";

const encoder = new TextEncoder();

const KEYS = [
  "a",
  'a{x="1"}',
  'a{x="2"}',
  'a_bucket{le="1"}',
  'a_bucket{le="1.0"}',
  "sixteen_bytes_na",
  'b{y="é"}',
  'long_name_of_a_metric_total{method="GET",handler="/api/v1/things/1",zone="eu-west-1"}',
  'long_name_of_a_metric_total{method="GET",handler="/api/v1/things/2",zone="eu-west-1"}',
  '{"q.n",a="b"}',
  'broken{x="1"',
];
const digits = (least: number, most: number): fc.Arbitrary<string> =>
  fc.array(fc.nat(9), { minLength: least, maxLength: most }).map((list) => list.join(""));
const decimal = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    digits(0, 22),
    fc.constantFrom("", "."),
    digits(0, 22),
    fc.integer({ min: -340, max: 340 }),
  )
  .chain(([sign, whole, point, fraction, power]) =>
    fc
      .constantFrom("", `e${power}`, `E+${power}`, `e${power % 25}`)
      .map((end) => sign + whole + point + fraction + end),
  );
const value = fc.oneof(
  fc.nat(9).map(String),
  fc.double().map(String),
  decimal,
  fc.constantFrom(
    "NaN",
    "nan",
    "+Inf",
    "-Inf",
    "Inf",
    "1e-3",
    "0x1p3",
    "1_0",
    "-0",
    ".",
    "",
    "e5",
    "1e",
    "1e+",
    "9007199254740993",
  ),
);
const END = [
  " 123",
  " 1700000000000",
  " -5",
  " 12345678901234567",
  " 1.5",
  "\r",
  " ",
  "  ",
  " 1 ",
  ' # {a="b"} 1',
  ' # {a="b"} 1 2',
];
const PREAMBLES = [
  "# HELP a b\n",
  "# TYPE a counter\n",
  "# TYPE a histogram\n",
  "# HELP a c\n# TYPE a gauge\n",
  "# HELP z z\n# TYPE z untyped\n# HELP a c\n",
  "# comment\n",
  "\n",
  " ",
  "# TYPE a nonsense\n",
];

interface Line {
  readonly preamble: string;
  readonly key: string;
  readonly value: string;
  readonly end: string;
}

const mostly = (usual: string, rare: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });
const line: fc.Arbitrary<Line> = fc.record({
  preamble: fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom(...PREAMBLES) },
  ),
  key: fc.constantFrom(...KEYS),
  value: fc.oneof({ weight: 3, arbitrary: fc.nat(1e6).map(String) }, { weight: 1, arbitrary: value }),
  end: mostly("", END),
});
/** A random change of a body between two scrapes: position of the line, kind of change, new line and new value. */
const edit = fc.tuple(fc.nat(30), fc.constantFrom("drop", "insert", "replace", "value", "swap"), line, value);

function edited(lines: readonly Line[], edits: readonly (readonly [number, string, Line, string])[]): Line[] {
  const out = lines.map((one, i): Line => ({
    ...one,
    value: /^\d+$/.test(one.value) ? String(Number(one.value) + i) : one.value,
  }));
  for (const [place, kind, other, text] of edits) {
    const at = place % (out.length + 1);
    if (kind === "drop") out.splice(at, 1);
    else if (kind === "insert") out.splice(at, 0, other);
    else if (at < out.length && kind === "replace") out[at] = other;
    else if (at < out.length && kind === "value") out[at] = { ...out[at]!, value: text };
    else if (at + 1 < out.length) out.splice(at, 2, out[at + 1]!, out[at]!);
  }
  return out;
}

const scrapes = fc.tuple(
  fc.array(line, { maxLength: 30 }),
  fc.array(fc.tuple(fc.array(edit, { maxLength: 2 }), fc.nat(3), fc.nat(60)), { minLength: 1, maxLength: 6 }),
);

for (const [name, open] of [
  ["text", (body: Uint8Array, cache?: LineCache) => new TextReader(body, cache)],
  ["OpenMetrics", (body: Uint8Array, cache?: LineCache) => new OpenMetricsReader(body, cache)],
] as const) {
  test(`${name}: reading by known lines gives the same result as without a cache, including errors`, () =>
    fc.assert(
      fc.property(scrapes, fc.constantFrom("\n", "\r\n", ""), ([first, rest], newline) => {
        const cached = new CachedReading();
        let lines: readonly Line[] = first;
        for (const [edits, deed, cut] of [[[], 0, 60] as const, ...rest]) {
          lines = edited(lines, edits);
          const text = lines
            .map(({ preamble, key, value: number, end }) => `${preamble}${key} ${number}${end}\n`)
            .join("");
          let body = encoder.encode(`${text.slice(0, newline === "\r\n" ? undefined : text.length)}# EOF${newline}`);
          if (cut < 20) body = body.subarray(0, Math.floor((body.length * cut) / 20));
          expect(cached.read(open(body, cached.cache), (count) => (deed === 1 ? count - 1 : count))).toEqual(
            readPlain(open(body)),
          );
          if (deed === 2) cached.reorder();
        }
      }),
      { numRuns: 400 },
    ));
}

test("numbers of known lines are rounded like numbers of other lines", () =>
  fc.assert(
    fc.property(fc.array(decimal, { minLength: 50, maxLength: 50 }), (numbers) => {
      const body = (list: readonly string[]): Uint8Array =>
        encoder.encode(list.map((number, i) => `a{x="${i}"} ${number}\n`).join(""));
      const cached = new CachedReading();
      cached.read(new TextReader(body(numbers.map(() => "1")), cached.cache));
      expect(cached.read(new TextReader(body(numbers), cached.cache))).toEqual(
        readPlain(new TextReader(body(numbers))),
      );
    }),
    { numRuns: 500 },
  ));

/** Returns a body with metric families of one to three series. Help texts are up to `help` bytes long. */
function largeBody(families: number, help: number, round: number): Uint8Array {
  const lines: string[] = [];
  for (let i = 0; i < families; i++) {
    lines.push(`# HELP metric_${i} ${"x".repeat((i * 7919) % help)}`, `# TYPE metric_${i} gauge`);
    for (let j = 0; j <= i % 3; j++)
      lines.push(`metric_${i}{number="${j}",kind="${"k".repeat(i % 90)}"} ${i * round + j}`);
  }
  return encoder.encode(`${lines.join("\n")}\n`);
}

test.each([
  [300, 100],
  [9000, 40],
  [9000, 300],
  [400, 5000],
])("of %i families with help texts of up to %i bytes all lines are known the second time", (families, help) => {
  const cached = new CachedReading();
  for (let round = 0; round < 3; round++) {
    const body = largeBody(families, help, round);
    expect(cached.read(new TextReader(body, cached.cache))).toEqual(readPlain(new TextReader(body)));
    if (round > 0) expect(cached.singly).toBe(1);
  }
});

test("a line longer than the compared range is still read", () => {
  const body = encoder.encode(`a 1\nb{x="${"y".repeat(300_000)}"} 2\nc 3\n`);
  const cached = new CachedReading();
  for (let round = 0; round < 3; round++) {
    expect(cached.read(new TextReader(body, cached.cache))).toEqual(readPlain(new TextReader(body)));
  }
});

test("two bodies that are read in turns do not affect each other", () => {
  const [one, other] = [new CachedReading(), new CachedReading()];
  const bodies = [largeBody(50, 20, 1), largeBody(60, 30, 2)] as const;
  one.read(new TextReader(bodies[0], one.cache));
  other.read(new TextReader(bodies[1], other.cache));
  one.cache.begin();
  const reader = new TextReader(bodies[0], one.cache);
  const first = reader.peekKnown()!.count;
  expect(first).toBeGreaterThan(10);
  reader.passKnown(10);
  expect(other.read(new TextReader(bodies[1], other.cache))).toEqual(readPlain(new TextReader(bodies[1])));
  expect(reader.peekKnown()!.count).toBe(first - 10);
});

test("after a new line and after a removed line, the following lines are recognised again", () => {
  const cached = new CachedReading();
  const names = Array.from({ length: 100 }, (_, i) => `series_${i} 1\n`);
  const read = (list: readonly string[]): void => {
    cached.read(new TextReader(encoder.encode(list.join("")), cached.cache));
  };
  read(names);
  read([...names.slice(0, 50), "new 1\n", ...names.slice(50)]);
  expect(cached.singly).toBe(2);
  read([...names.slice(0, 50), "new 1\n", ...names.slice(51)]);
  expect(cached.singly).toBe(2);
});

test("comments that change in each exposition are removed from the cache", () => {
  const cached = new CachedReading();
  for (let round = 0; round < 500; round++) {
    cached.read(new TextReader(encoder.encode(`# at ${round} ${"x".repeat(1000)}\na 1\nb 1\n`), cached.cache));
  }
  expect(cached.cache.preambleGeneration).toBeGreaterThan(3);
});

test("the compiled matcher was built from the source next to it", () => {
  const source = readFileSync(new URL("../../kernels/line-matcher.as", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex")).toBe(LINE_MATCHER_SOURCE);
});
