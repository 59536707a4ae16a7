import { WireWriter } from "@narthex/bytes";
import { expect, test } from "vitest";
import { ENTRY_END } from "./entries.ts";
import type { BodyFormat } from "./negotiation/negotiate.ts";
import { openReader, type ReaderOptions } from "./open-reader.ts";
import { parseFamilies } from "./text/parse-families.ts";
import { ExpositionError } from "./problem.ts";
import { growth } from "./testing/work.ts";

// Size of the small body, in bytes. A body that is 32 times as long may take 32 times the work; quadratic work would
// take 1024 times, and the tested limit is far from both.
const SIZE = 8 * 1024;
const FACTOR = 32;
const LIMIT = 6;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const times = (text: string, size: number): string => text.repeat(Math.ceil(size / text.length));
const numbered = (size: number, piece: (n: number) => string): string => {
  let out = "";
  for (let n = 0; out.length < size; n++) out += piece(n);
  return out;
};

/** Reads a body to its end or to the first error. */
function drain(format: BodyFormat, body: Uint8Array, options: ReaderOptions = {}): void {
  try {
    const reader = openReader(format, body, undefined, options);
    for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) if (kind < 3) reader.labels();
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
  }
}

/** Bodies that a badly written reader would scan repeatedly. */
const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  "one long name": (size) => `${times("a", size)} 1\n`,
  "one long value": (size) => `a{b="${times("x", size)}"} 1\n`,
  "one long value, escaped": (size) => `a{b="${times("\\\\", size)}"} 1\n`,
  "a value that never closes": (size) => `a{b="${times("x\\n", size)}\n`,
  "many values that never close": (size) => times('a{b="\n', size),
  "many labels": (size) => `a{${numbered(size, (n) => `l${n}="",`)}} 1\n`,
  "many equal labels": (size) => `a{${times('b="c",', size)}} 1\n`,
  "many labels in blanks": (size) => `a {${times(' b = "c" , ', size)}} 1\n`,
  "quoted names": (size) => `{"a",${numbered(size, (n) => `"é${n}"="x",`)}} 1\n`,
  "blanks behind a name": (size) => `a${times(" ", size)}1\n`,
  "blanks on a line": (size) => times(" ", size),
  "empty lines": (size) => times("\n", size),
  comments: (size) => times("#\n", size),
  hashes: (size) => times("#", size),
  "one long help": (size) => `# HELP a ${times("x", size)}\na 1\n`,
  "one long help, escaped": (size) => `# HELP a ${times("\\\\", size)}\na 1\n`,
  helps: (size) => numbered(size, (n) => `# HELP a${n} b\n`),
  types: (size) => numbered(size, (n) => `# TYPE a${n}_count summary\n`),
  "many digits": (size) => `a ${times("1", size)}\n`,
  "many digits behind a point": (size) => `a 0.${times("0", size)}1\n`,
  "many digits in a timestamp": (size) => `a 1 ${times("9", size)}\n`,
  "zeros before a timestamp": (size) => `a 1 ${times("0", size)}7\n`,
  "many digits in an exponent": (size) => `a 1e${times("1", size)}\n`,
  "broken UTF-8": (size) => `a{b="${times("\ufffd", size)}`,
  series: (size) => numbered(size, (n) => `a{b="${n}"} 1\n`),
  histograms: (size) => `# TYPE a histogram\n${numbered(size, (n) => `a_bucket{le="${n}"} ${n}\n`)}`,
  "buckets that fall": (size) => `# TYPE a histogram\n${numbered(size, (n) => `a_bucket{le="${1e9 - n}"} 0\n`)}`,
  "many digits in a bound": (size) => `# TYPE a histogram\na_bucket{le="${times("1", size)}x"} 1\n`,
  "many digits and no number": (size) => `a ${times("1", size)}x\n`,
  "many digits and no number in an exemplar": (size) => `a_total 1 # {} ${times("1", size)}x\n`,
  "histograms apart": (size) => `# TYPE a histogram\n${numbered(size, (n) => `a_count{b="${n}"} 1\n`)}`,
  "one long line that is none": (size) => `a{b="c"} 1 ${times("x", size)}\n`,
  exemplars: (size) => times('a_total 1 # {b="c"} 1 1\n', size),
  "exemplar labels": (size) => `a_total 1 # {${times('b="c",', size)}} 1 1\n`,
};

const inFormat = (format: BodyFormat, make: (size: number) => string, options?: ReaderOptions) => (size: number) => {
  const body = encode(make(size) + (format === "openmetrics" ? "# EOF\n" : ""));
  return () => drain(format, body, options);
};

test.each(Object.keys(HOSTILE))("work grows linearly with the size of text: %s", (name) => {
  const make = HOSTILE[name]!;
  expect(growth(SIZE, FACTOR, inFormat("text", make))).toBeLessThan(LIMIT);
  expect(growth(SIZE, FACTOR, inFormat("openmetrics", make))).toBeLessThan(LIMIT);
  expect(growth(SIZE, FACTOR, inFormat("text", make, { convertToNhcb: true }))).toBeLessThan(LIMIT);
  const families = (size: number) => {
    const body = encode(make(size));
    return () => void parseFamilies(body);
  };
  expect(growth(SIZE, FACTOR, families)).toBeLessThan(LIMIT);
});

/** Returns a histogram family with one metric. `fill` is called until the body is long enough. */
function histogramBody(size: number, fill: (writer: WireWriter, n: number) => void): Uint8Array {
  const writer = new WireWriter();
  writer.delimited(() => {
    writer.string(1, "h");
    writer.uint64(3, 4);
    writer.message(4, () =>
      writer.message(7, () => {
        for (let n = 0; writer.length < size; n++) fill(writer, n);
      }),
    );
  });
  return writer.written.slice();
}

const WIRE: Readonly<Record<string, (writer: WireWriter, n: number) => void>> = {
  "empty buckets": (writer) => writer.bytes(3, new Uint8Array()),
  "empty spans": (writer) => writer.bytes(12, new Uint8Array()),
  "spans and deltas": (writer) => {
    writer.message(12, () => writer.uint64(2, 1));
    writer.sint64(13, 1);
  },
  "buckets that fall": (writer, n) => writer.message(3, () => writer.double(2, -n)),
  "exemplars of a histogram": (writer) => writer.bytes(16, new Uint8Array()),
  "unknown fields": (writer, n) => writer.uint64(100 + n, n),
};

/** Protobuf needs only two bytes for an entry, so a small protobuf body has as many entries as a larger text body. */
const WIRE_SIZE = SIZE / 4;

test.each(Object.keys(WIRE))("work grows linearly with the size of protobuf: %s", (name) => {
  for (const options of [{}, { nativeHistograms: true, alwaysClassic: true }, { convertToNhcb: true }]) {
    const task = (size: number) => {
      const body = histogramBody(size, WIRE[name]!);
      return () => drain("protobuf", body, options);
    };
    expect(growth(WIRE_SIZE, FACTOR, task)).toBeLessThan(LIMIT);
  }
});

test("work grows linearly with the size of protobuf: families and metrics", () => {
  const task = (each: (writer: WireWriter, n: number) => void) => (size: number) => {
    const writer = new WireWriter();
    for (let n = 0; writer.length < size; n++) each(writer, n);
    const body = writer.written.slice();
    return () => drain("protobuf", body);
  };
  const families = task((writer, n) =>
    writer.delimited(() => {
      writer.string(1, `a${n}`);
      writer.bytes(4, new Uint8Array());
    }),
  );
  expect(growth(WIRE_SIZE, FACTOR, families)).toBeLessThan(LIMIT);
  const metrics = (size: number) => {
    const writer = new WireWriter();
    writer.delimited(() => {
      writer.string(1, "a");
      while (writer.length < size) writer.bytes(4, new Uint8Array());
    });
    const body = writer.written.slice();
    return () => drain("protobuf", body);
  };
  expect(growth(WIRE_SIZE, FACTOR, metrics)).toBeLessThan(LIMIT);
});
