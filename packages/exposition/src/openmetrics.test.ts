import * as fc from "fast-check";
import { expect, test } from "vitest";
import { OpenMetricsReader } from "./openmetrics.ts";
import { ExpositionError } from "./problem.ts";
import { readAll } from "./testing/read-all.ts";

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
  ["a 1 NaN\n# EOF", "invalid timestamp NaN"],
  ["a 1 +Inf\n# EOF", "invalid timestamp +Inf"],
])("OpenMetricsReader refuses %j", (body, message) => {
  expect(() => read(body)).toThrow(new ExpositionError(message, 0));
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
