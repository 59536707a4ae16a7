import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ENTRY_END, ENTRY_SERIES } from "../entries.ts";
import { OpenMetricsReader } from "./openmetrics.ts";
import { ExpositionError } from "../problem.ts";
import { readAll } from "../testing/read-all.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string): string[] => readAll(new OpenMetricsReader(encode(text)));

test("OpenMetricsReader reads metadata, seconds, exemplars and the end", () => {
  expect(
    read(
      '# HELP a_seconds \\"x\\"\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n' +
        'a_seconds_total{b="c"} 1 1.5 # {id="7"} 0.5 -2.5\na_seconds_total 2 # {} 3\n{"x.y",z="1"} 4\n# EOF\n',
    ),
  ).toEqual([
    'HELP a_seconds "x"',
    "TYPE a_seconds counter",
    "UNIT a_seconds seconds",
    "a_seconds_total{b=c} 1 @1500 # {id=7} 0.5 -2500",
    "a_seconds_total 2 #  3 -",
    "x.y{z=1} 4",
  ]);
  expect(read("# EOF")).toEqual([]);
});

test.each([
  ["a 1\n", "data does not end with # EOF"],
  ["", "data does not end with # EOF"],
  ["# EOF\n\n", "unexpected data after # EOF"],
  ["# EOF\na 1\n", "unexpected data after # EOF"],
  ["a  1\n# EOF", 'expected value after metric, got "  " ("INVALID") while parsing: "a  "'],
  ['a{b="1"c="2"} 1\n# EOF', 'expected comma or brace close, got "c=" ("LNAME") while parsing: "a{b=\\"1\\"c="'],
  ["\n# EOF", 'expected a valid start token, got "\\n" ("INVALID") while parsing: "\\n"'],
  ["# comment\n# EOF", 'expected a valid start token, got "# c" ("INVALID") while parsing: "# c"'],
  ["# TYPE a untyped\n# EOF", 'invalid metric type "untyped"'],
  ["# UNIT a x\n# EOF", 'unit "x" not a suffix of metric "a"'],
  ["a", 'expected value after metric, got "a" ("EOF") while parsing: "a"'],
  ['a{b="c"}', 'expected value after metric, got "}" ("EOF") while parsing: "a{b=\\"c\\"}"'],
  ["a 1 # {b= 3\n", 'expected label value, got " 3\\n" ("VALUE") while parsing: "a 1 # {b= 3\\n"'],
  ["a 1 # {b=  3\n", 'expected label value, got "  " ("INVALID") while parsing: "a 1 # {b=  "'],
  ["a{b=", 'expected label value, got "=" ("EOF") while parsing: "a{b="'],
  ["a{b", 'expected equal, got "b" ("EOF") while parsing: "a{b"'],
  ["a 1 2", 'expected next entry after timestamp, got " 2" ("EOF") while parsing: "a 1 2"'],
  [
    'a 1 2 # {b="c"} 3 4 # {d="e"} 5\n',
    'expected next entry after exemplar timestamp, got " # " ("TIMESTAMP") while parsing: "a 1 2 # {b=\\"c\\"} 3 4 # "',
  ],
  [
    'a 1 # {b="c"}"d" 2\n',
    'expected value after exemplar labels, got "\\"d\\" " ("LVALUE") while parsing: "a 1 # {b=\\"c\\"}\\"d\\" "',
  ],
  ['a{b="c"}{d\n', 'expected value after metric, got "{d" ("BOPEN") while parsing: "a{b=\\"c\\"}{d"'],
  ['# TYPE "a\n', 'expected metric name after TYPE, got "\\"a\\n" ("INVALID") while parsing: "# TYPE \\"a\\n"'],
  ["# TYPo a counter\n", 'expected a valid start token, got "# TYPo" ("INVALID") while parsing: "# TYPo"'],
  ['a 1 # {b="c"} 1 +Inf\n', "invalid exemplar timestamp +Inf"],
  ['a 1 # {"b\n"="c"} 1\n', 'expected label name, got "\\"b\\n" ("INVALID") while parsing: "a 1 # {\\"b\\n"'],
  ["a 1 NaN\n# EOF", "invalid timestamp NaN"],
  ["a 1 +Inf\n# EOF", "invalid timestamp +Inf"],
])("OpenMetricsReader refuses %j", (body, message) => {
  expect(() => read(body)).toThrow(new ExpositionError(message, 0));
});

test("a sample with neither a time nor a newline after its value is returned, and the rest of its line is refused, as in Prometheus", () => {
  for (const [body, message] of [
    ["a 1  2\n", 'expected a valid start token, got " 2\\n" ("TIMESTAMP") while parsing: " 2\\n"'],
    ["a 1 \n# EOF", 'expected a valid start token, got "\\n#" ("LINEBREAK") while parsing: "\\n#"'],
    ["a 1 ", "data does not end with # EOF"],
    ["a 1\0\n", 'expected a valid start token, got "\\x00" ("INVALID") while parsing: "\\x00"'],
  ] as const) {
    const reader = new OpenMetricsReader(encode(body));
    expect(reader.next()).toBe(ENTRY_SERIES);
    expect(() => reader.next()).toThrow(message);
  }
});

test("a quoted name may contain newlines, and a value may contain NULs", () =>
  expect(read('{"a\nb","c\nd"="e\0"\0} 1\n# EOF')).toEqual(["a\nb{c\nd=e\0} 1"]));

test("NULs in the words of a comment are skipped, except for one right after the hash", () => {
  expect(read("# T\0Y\0\0PE\0 \0a counter\na_total 1\n# E\0OF\0\n")).toEqual(["TYPE a counter", "a_total 1"]);
  expect(() => read("# \0TYPE a counter\n# EOF\n")).toThrow('expected a valid start token, got "# \\x00" ("INVALID")');
  expect(() => read("# TY\0X\n# EOF\n")).toThrow('expected a valid start token, got "# TY\\x00X" ("INVALID")');
  expect(() => read("# EOF\0x")).toThrow("unexpected data after # EOF");
});

const BODY =
  '# HELP a_s x\n# TYPE a_s counter\n# UNIT a_s s\na_s_total{b="c",d="\\"é"} 1 1.5 # {id="7"} 0.5 2\n# EOF\n';

test("OpenMetricsReader ends or throws an ExpositionError on any mutation", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(BODY.length), fc.nat(255)), { maxLength: 5 }),
      fc.nat(BODY.length),
      (edits, cut) => {
        const bytes = encode(BODY).subarray(0, cut);
        for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
        try {
          expect(readAll(new OpenMetricsReader(bytes)).length).toBeLessThanOrEqual(BODY.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      },
    ),
    { numRuns: 2000 },
  ));

test.each([
  [
    'fam{le="b",m="c"',
    'expected comma or brace close, got "\\"c\\"" ("EOF") while parsing: "fam{le=\\"b\\",m=\\"c\\""',
  ],
  ["fam{le", 'expected equal, got "le" ("EOF") while parsing: "fam{le"'],
  ["fam{", 'expected label name, got "{" ("EOF") while parsing: "fam{"'],
  ["# HELf", 'expected a valid start token, got "# HELf" ("INVALID") while parsing: "# HELf"'],
])("a body that ends in %j says what upstream says", (body, message) => {
  const reader = new OpenMetricsReader(new TextEncoder().encode(body));
  expect(() => reader.next()).toThrow(message);
});

test("times that are not an int64 of milliseconds become the smallest one", () => {
  const body = "a_total 1 1e306 # {} 1 -1e306\nb_total 1 1e300\nc_total 1 5\n# EOF\n";
  const times: number[] = [];
  const reader = new OpenMetricsReader(new TextEncoder().encode(body));
  while (reader.next() !== ENTRY_END) {
    times.push(reader.timestamp, ...reader.exemplars().map(({ timestamp }) => timestamp!));
  }
  expect(times).toEqual([-(2 ** 63), -(2 ** 63), -(2 ** 63), 5000]);
});

test("a quoted name that is not UTF-8 is invalid, and the error shows its bytes", () => {
  const body = Buffer.concat([
    Buffer.from('{"a.'),
    Buffer.of(0x80),
    Buffer.from('é","b.'),
    Buffer.of(0xff),
    Buffer.from('"="c"} 1\n# EOF'),
  ]);
  const reader = new OpenMetricsReader(body);
  expect(reader.next()).toBe(ENTRY_SERIES);
  expect(reader.labels()).toEqual(["__name__", "a.\udc80é", "b.\udcff", "c"]);
});
