import * as fc from "fast-check";
import { expect, test } from "vitest";
import { gather } from "../write/gather.ts";
import { parseFamilies } from "./parse-families.ts";
import { writeText } from "../write/write-text.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function check(body: string, message: string): void {
  expect(parseFamilies(encode(body))).toMatchObject({ ok: false, message });
}

const BODY = `# HELP c_total Counted \\\\ things.
# TYPE c_total counter
c_total{a="x\\"y",b="z"} 3 1000
# TYPE h histogram
h_bucket{a="b",le="1"} 1
h_bucket{a="b",le="+Inf"} 2
h_sum{a="b"} 3.5
h_count{a="b"} 2
# HELP s \nquantiles
# TYPE s summary
s{quantile="0.5"} NaN
s_sum 1
s_count 1
`.replace("\nquantiles", "quantiles");

test("parseFamilies() reads the output of writeText()", () => {
  const result = parseFamilies(encode(BODY));
  expect(result.ok && writeText(result.families)).toBe(BODY);
});

test("parseFamilies() returns parts and bounds in the order of a Go client, whatever the spacing", () => {
  const result = parseFamilies(
    encode('#TYPEh histogram\n# TYPE h histogram\nh_count  2\nh_bucket { le = "1.0" , }\t1\nh_sum 2\n\n {"q.n"} 1\n'),
  );
  expect(result.ok && writeText(gather(result.families))).toBe(
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 2\nh_count 2\n# TYPE "q.n" untyped\n{"q.n"} 1\n',
  );
});

test("parseFamilies() reports the invalid line and its error", () => {
  check("a 1", "text format parsing error in line 1: unexpected end of input stream");
  check("a\n", 'text format parsing error in line 1: expected float as value, got ""');
  check("\n1 2\n", "text format parsing error in line 2: invalid metric name");
  check("a 1 x\n", 'text format parsing error in line 1: expected integer as timestamp, got "x"');
  check("a 1 \n", 'text format parsing error in line 1: expected integer as timestamp, got ""');
  check("a 1 2 3\n", 'text format parsing error in line 1: spurious string after timestamp: " 3"');
  check("a{b=c} 1\n", "text format parsing error in line 1: expected '\"' at start of label value, found 'c'");
  check('a{b="c",b="d"} 1\n', 'text format parsing error in line 1: duplicate label names for metric "a"');
  check('a{__name__="c"} 1\n', 'text format parsing error in line 1: label name "__name__" is reserved');
  check("# TYPE a foo\n", 'text format parsing error in line 1: unknown metric type "foo"');
  check(
    "a 1\n# TYPE a gauge\n",
    'text format parsing error in line 2: second TYPE line for metric name "a", or TYPE reported after samples',
  );
  check("# HELP a b\\x\n", "text format parsing error in line 1: invalid escape sequence '\\x'");
  check("# HELP a b\\\\\\\n", "text format parsing error in line 1: invalid escape sequence '\\\n'");
  for (const time of ["9223372036854775808", "-9223372036854775809", "99999999999999999999"]) {
    check(`a 1 ${time}\n`, `text format parsing error in line 1: expected integer as timestamp, got "${time}"`);
  }
  expect(parseFamilies(encode("a 1 -009223372036854775808\nb 1 +9223372036854775807\n")).ok).toBe(true);
  check("# HELP a b\n# HELP a b\n", 'text format parsing error in line 2: second HELP line for metric name "a"');
  check('a{b="\\x"} 1\n', "text format parsing error in line 1: invalid escape sequence '\\x'");
  check('a{b="1"c="2"} 1\n', 'text format parsing error in line 1: unexpected end of label value "1"');
});

test("parseFamilies() reads a HELP text of many megabytes", () =>
  expect(parseFamilies(encode(`# HELP a ${"x".repeat(16e6)}\na 1\n`)).ok).toBe(true));

test("parseFamilies() returns a result for any mutation", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(BODY.length), fc.nat(255)), { maxLength: 4 }),
      fc.nat(BODY.length),
      (edits, cut) => {
        const bytes = encode(BODY).subarray(0, cut);
        for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
        expect(typeof parseFamilies(bytes).ok).toBe("boolean");
      },
    ),
    { numRuns: 1000 },
  ));
