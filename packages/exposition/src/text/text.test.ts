import { LabelBytes, Labels } from "@narthex/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_TEXT_BYTES } from "../byte-text.ts";
import { ENTRY_END, ENTRY_NOTHING, ENTRY_SERIES } from "../entries.ts";
import { LineCache } from "../line-cache/line-cache.ts";
import { ExpositionError } from "../problem.ts";
import { readAll } from "../testing/read-all.ts";
import { TextReader } from "./text.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string): string[] => readAll(new TextReader(encode(text)));
const broken = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function check(body: string, entries: readonly string[]): void {
  expect(read(body)).toEqual(entries);
}

test("TextReader reads samples, metadata, comments and blank lines", () =>
  check(
    '\n  \n# HELP a  two \\\\ \\n lines\n# TYPE a counter\n#c\n# free comment\n#\tTYPE\ta gauge\na 1\n\ta{b="c"} +Inf 1000\n' +
      'a { b = "c" , d="e"\t,} 1e3 12',
    [
      "HELP a  two \\ \n lines",
      "TYPE a counter",
      "TYPE a gauge",
      "a 1",
      "\ta{b=c} Infinity @1000",
      "a{b=c,d=e} 1000 @12",
    ],
  ));

test("TextReader reads blanks before an unquoted name as part of it, as Prometheus does", () =>
  check('  a 1\n\n\t b{c="d"} 2\n# c\n  {"e",f="g"} 3\n   \nh 4\n  # TYPE i gauge\ni 5', [
    "  a 1",
    "\t b{c=d} 2",
    "e{f=g} 3",
    "h 4",
    "TYPE i gauge",
    "i 5",
  ]));

test("bounds have OpenMetrics' spelling, whatever their number, and labels of other families stay unchanged", () => {
  const bounds = ["1", "1e1", "+Inf", "0.50", "none", ...Array.from({ length: 3000 }, (_, i) => `${i}.0`)];
  const spelled = ["1.0", "10.0", "+Inf", "0.5", "none", ...bounds.slice(5)];
  const lines = (type: string, texts: readonly string[]): string =>
    `# TYPE a_${type} ${type}\n${texts.map((text) => `a_${type}_bucket{le="${text}"} 1\n`).join("")}`;
  for (let time = 0; time < 2; time++) {
    check(lines("histogram", bounds) + lines("gauge", bounds), [
      "TYPE a_histogram histogram",
      ...spelled.map((text) => `a_histogram_bucket{le=${text}} 1`),
      "TYPE a_gauge gauge",
      ...bounds.map((text) => `a_gauge_bucket{le=${text}} 1`),
    ]);
  }
});

test("bounds as bytes have the same spelling as bounds of labels, whatever their number and length", () => {
  const odd = ["1", "1e1", "+Inf", "0.50", "none", "", "é", "1".repeat(32), "1".repeat(33)];
  const bounds = [...odd, ...Array.from({ length: 1100 }, (_, i) => `${i}.${i % 4}0`), ...odd, ...odd];
  const body = ["le", "quantile", "l"]
    .flatMap((name) => ["histogram", "summary", "gauge"].map((type) => [name, type] as const))
    .map(([name, type]) => `# TYPE a ${type}\n${bounds.map((text) => `a{${name}="${text}",b="c"} 1\n`).join("")}`);
  const reader = new TextReader(encode(body.join("")));
  const set = new LabelBytes();
  let series = 0;
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind !== ENTRY_SERIES) continue;
    set.clear();
    expect(reader.addLabelBytes(set) && set.sort()).toBe(true);
    const pairs = reader.labels();
    const expected = Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[i * 2]!, pairs[i * 2 + 1]!] as const);
    expect(set.toLabels().pairs).toEqual(Labels.of(expected).pairs);
    series++;
  }
  expect(series).toBe(9 * bounds.length);
});

test("values that are not UTF-8 are refused, whatever the position of the invalid byte", () => {
  for (const value of ["\xff", "a\xff", "\\\xff", "\\n\xffb", "\xc3\xa4\xc3"]) {
    expect(() => readAll(new TextReader(broken(`a{b="${value}",c="d"} 1\n`)))).toThrow("invalid UTF-8 label value");
    expect(() => readAll(new TextReader(broken(`a{c="d",b="${value}"} 1\n`)))).toThrow("invalid UTF-8 label value");
  }
  expect(readAll(new TextReader(broken('a{b="\xc3\xa4",c="d"} 1\n')))).toEqual(["a{b=ä,c=d} 1"]);
});

test("TextReader skips NULs in the words of a comment", () => {
  expect(read("# T\0YPE\0 a counter\na 1\n")).toEqual(["TYPE a counter", "a 1"]);
  expect(read("# HEL\0PS a counter\na 1\n")).toEqual(["a 1"]);
});

test("TextReader recognises known lines that begin with blanks", () => {
  const cache = new LineCache();
  const body = encode('  a 1\n\tb{c="d"} 2\n a 3\n');
  const numbers = [1, 2].map(() => {
    cache.begin();
    const reader = new TextReader(body, cache);
    const taken: number[] = [];
    while (reader.next() !== ENTRY_END) taken.push(cache.take(reader));
    return taken;
  });
  expect(numbers).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test.each([
  ["a line", "a".repeat(MAX_TEXT_BYTES + 1)],
  ["a line behind others", `a 1\n${"#".repeat(MAX_TEXT_BYTES + 1)}`],
  ["a value", `a ${"1".repeat(MAX_TEXT_BYTES)}`],
  ["a quoted text over many lines", `a{b="${"c\n".repeat(MAX_TEXT_BYTES / 2)}"} 1\n`],
])("TextReader refuses %s beyond all measure, and shows its beginning alone", (_, body) => {
  const reading = (): string[] => read(body);
  expect(reading).toThrow(ExpositionError);
  expect(reading).toThrow(/^line longer than 16777216 bytes while parsing: ".{1024,1600}…"$/);
});

test("TextReader reads a line of ten million bytes, and a body of many times that size", () => {
  expect(read(`a{b="${"c".repeat(10_000_000)}"} 1\n`)[0]).toHaveLength(10_000_007);
  expect(read(`a{b="${"c".repeat(1_000_000)}"} 1\n`.repeat(40))).toHaveLength(40);
});

test("TextReader shows the beginning of a long invalid token", () =>
  expect(() => read(`a ${"x".repeat(100_000)}\n`)).toThrow(
    /^strconv.ParseFloat: parsing "x{1024}…": invalid syntax while parsing: "a x{1022}…"$/,
  ));

test.each(["\n", "# no metadata\n", ` \t${" ".repeat(5000)}\n`])(
  "TextReader returns among many lines like %j, so that its caller may yield",
  (line) => {
    const reader = new TextReader(encode(`a 1\n${line.repeat(5000)}b 2\n`));
    const kinds = [reader.next(), reader.next()];
    expect(kinds).toEqual([ENTRY_SERIES, ENTRY_NOTHING]);
    expect(read(`a 1\n${line.repeat(5000)}b 2\n`)).toEqual(["a 1", "b 2"]);
  },
);

test("TextReader reads escapes, raw newlines, quoted names and pairs without a comma", () =>
  check(
    'a{b="\\"\\\\\\n\\x",c="1\n2"d="é"} NaN\n{"odd.name","l b"="x"} 1\n{a="1","n"} 2\n# HELP "odd.name" h\n# HELP only_name\n',
    ['a{b="\\\n\\x,c=1\n2,d=é} NaN', "odd.name{l b=x} 1", "n{a=1} 2", "HELP odd.name h", "HELP only_name "],
  ));

test("TextReader writes le and quantile in OpenMetrics' spelling, for their types only", () =>
  check(
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_bucket{le="x"} 1\n# TYPE s summary\ns{quantile="1",le="1"} 1\n' +
      '# TYPE g gauge\ng{le="1"} 1\n',
    [
      "TYPE h histogram",
      "h_bucket{le=1.0} 1",
      "h_bucket{le=+Inf} 1",
      "h_bucket{le=x} 1",
      "TYPE s summary",
      "s{quantile=1.0,le=1} 1",
      "TYPE g gauge",
      "g{le=1} 1",
    ],
  ));

test.each([
  ["foo", 'expected value after metric, got "\\n" ("INVALID") while parsing: "foo\\n"'],
  ["foo\n", 'expected value after metric, got "\\n" ("INVALID") while parsing: "foo\\n"'],
  ["foo 1\r\n", 'strconv.ParseFloat: parsing "1\\r": invalid syntax while parsing: "foo 1\\r"'],
  ["foo 0x1F\n", 'strconv.ParseFloat: parsing "0x1F": invalid syntax while parsing: "foo 0x1F"'],
  ["foo 0x1p3\n", 'unsupported character in float while parsing: "foo 0x1p3"'],
  ["foo 1_000\n", 'unsupported character in float while parsing: "foo 1_000"'],
  ["foo 1e999\n", 'strconv.ParseFloat: parsing "1e999": value out of range while parsing: "foo 1e999"'],
  ["foo 1 -1\n", 'expected timestamp or new record, got "-" ("INVALID") while parsing: "foo 1 -"'],
  ["foo 1 1.5\n", 'expected next entry after timestamp, got "." ("INVALID") while parsing: "foo 1 1."'],
  ["1\n", 'expected a valid start token, got "1" ("INVALID") while parsing: "1"'],
  ["a{,} 1\n", 'expected label name, got ",}" ("COMMA") while parsing: "a{,}"'],
  ["a{b} 1\n", 'metric name already set while parsing: "a{b}"'],
  ["a{b=c} 1\n", 'expected label value, got "c" ("INVALID") while parsing: "a{b=c"'],
  ['a{"b"} 1\n', 'metric name already set while parsing: "a{\\"b\\"}"'],
  ['{b="c"} 1\n', 'metric name not set while parsing: "{b=\\"c\\"} 1"'],
  ["# TYPE a nope\n", 'invalid metric type "nope"'],
  ["# TYPE a toString\n", 'invalid metric type "toString"'],
  [
    "a 1 9223372036854775808\n",
    'strconv.ParseInt: parsing "9223372036854775808": value out of range while parsing: "a 1 9223372036854775808"',
  ],
  ["foo\0bar 1\n", 'expected value after metric, got "\\x00" ("INVALID") while parsing: "foo\\x00"'],
  ["foo 1\0 2\n", 'expected timestamp or new record, got "\\x00" ("INVALID") while parsing: "foo 1\\x00"'],
  ['a{"b\0"="c"} 1\n', 'expected label name, got "\\"b\\x00" ("INVALID") while parsing: "a{\\"b\\x00"'],
  ["# TYPE a\0 gauge\n", 'invalid metric type ""'],
  ["# HELP a\0b\n", 'linebreak expected after metadata, got "\\x00b" ("EOF") while parsing: "# HELP a\\x00b"'],
  ['{a="b"}{c="d"} 1\n', 'metric name not set while parsing: "{a=\\"b\\"}{"'],
  ["# TYPE a  gauge\n", 'invalid metric type " gauge"'],
  ['# HELP "a b', 'expected metric name after HELP, got "\\"a b\\n" ("INVALID") while parsing: "# HELP \\"a b\\n"'],
  ["# HELP \n", 'expected metric name after HELP, got "\\n" ("INVALID") while parsing: "# HELP \\n"'],
])("TextReader refuses %j", (body, message) => {
  expect(() => read(body)).toThrow(new ExpositionError(message, 0));
});

test("a NUL may occur in values and texts, and ends the exposition at the start of a line or of a bare comment", () => {
  expect(read('a{b="c\0"\0} 1\n# HELP a x\0y\n# \0 \nb 1\n')).toEqual(["a{b=c\0} 1", "HELP a x\0y"]);
  expect(read("a 1\n \0b 1\n")).toEqual(["a 1"]);
  expect(read("a 1\n#b\0\nb 1\n")).toEqual(["a 1"]);
});

test("TextReader accepts every timestamp of 64 bits, in any spelling", () =>
  expect(read("a 1 9223372036854775807\nb 1 00000000000000000000000000001\n")).toEqual([
    "a 1 @9223372036854776000",
    "b 1 @1",
  ]));

test("TextReader refuses invalid UTF-8 in values and HELP", () => {
  expect(() => readAll(new TextReader(broken('a{b="\xff"} 1\n')))).toThrow('invalid UTF-8 label value: "\\"\\xff\\""');
  expect(() => readAll(new TextReader(broken("# HELP a x\xffy\n")))).toThrow(
    'help text "x\\xffy" is not a valid utf8 string',
  );
});

const BODY = [
  "# HELP h Some help.",
  "# TYPE h histogram",
  'h_bucket{le="0.1"} 3',
  'h_bucket{le="+Inf"} 4',
  "h_sum 1.5",
  "h_count 4",
  'http_requests{path="/a b",q="x\\"y"} 12 1700000000000',
  "up 1",
  'up{a="b"} 0',
  '{"q.n",a="é"} 1e-7',
  "",
].join("\n");

/** Reads a body as a scrape does: series have numbers, and strings are created only for new series. */
function readCached(body: Uint8Array, cache: LineCache, known: string[]): string[] {
  const out: string[] = [];
  const reader = new TextReader(body, cache);
  cache.begin();
  for (let kind = reader.next(); kind !== 0; kind = reader.next()) {
    if (kind !== 1) continue;
    const index = cache.take(reader);
    known[index] ??= reader.labels().join("|");
    out.push(`${known[index]} ${reader.value} ${reader.timestamp}`);
  }
  return out;
}

test("a LineCache does not change the result, however lines move, vanish and appear", () =>
  fc.assert(
    fc.property(fc.array(fc.shuffledSubarray(BODY.split("\n").slice(2)), { maxLength: 6 }), (bodies) => {
      const cache = new LineCache();
      const known: string[] = [];
      for (const [i, lines] of bodies.entries()) {
        const body = encode(`${lines.join("\n")}\n`);
        expect(readCached(body, cache, known)).toEqual(readCached(body, new LineCache(), []));
        if (i % 2 === 1) {
          const order = cache.reorder((index) => index % 3 !== 0);
          known.splice(0, known.length, ...Array.from(order, (index) => known[index]!));
        }
      }
    }),
  ));

test("TextReader ends or throws an ExpositionError on any mutation", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(BODY.length), fc.nat(255)), { maxLength: 5 }),
      fc.nat(BODY.length),
      (edits, cut) => {
        const bytes = encode(BODY).subarray(0, cut);
        for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
        try {
          expect(readAll(new TextReader(bytes)).length).toBeLessThanOrEqual(BODY.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      },
    ),
    { numRuns: 2000 },
  ));
