import { WireWriter } from "@narthex/bytes";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { family, histogramSamples, type MetricFamily, sample, summarySamples } from "../family.ts";
import { ExpositionError } from "../problem.ts";
import { type ProtobufOptions, ProtobufReader } from "./protobuf.ts";
import { readAll } from "../testing/read-all.ts";
import { writeProtobuf } from "../write/write-protobuf.ts";

const read = (bytes: Uint8Array, options?: ProtobufOptions): string[] => readAll(new ProtobufReader(bytes, options));

const NATIVE = {
  resetHint: "unknown",
  schema: 3,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 10,
  sum: 5.5,
  positiveSpans: [
    { offset: -2, length: 2 },
    { offset: 1, length: 1 },
  ],
  positiveBuckets: Float64Array.of(1, 3, 2),
  negativeSpans: [{ offset: 0, length: 1 }],
  negativeBuckets: Float64Array.of(2),
  customBounds: undefined,
  integer: true,
} as const;

const FAMILIES: readonly MetricFamily[] = [
  family("counter", "c_total", "Counted.", [sample(3, { a: "é" }, 1500), sample(4, { a: "" })]),
  {
    name: "h",
    help: "",
    type: "histogram",
    samples: histogramSamples({ bounds: [1], counts: [2], count: 3, sum: 4.5 }, { x: "y" }),
  },
  { name: "n", help: "", type: "histogram", samples: [{ suffix: "", labels: [], value: 0, histogram: NATIVE }] },
  { name: "s", help: "", type: "summary", samples: summarySamples({ quantiles: [[0.5, 7]], count: 2, sum: 9 }) },
];

test("ProtobufReader reads the output of writeProtobuf(), with native histograms as classic series unless requested", () => {
  const classic = [
    "HELP c_total Counted.",
    "TYPE c_total counter",
    "c_total{a=é} 3 @1500",
    "c_total{a=} 4",
    "HELP h ",
    "TYPE h histogram",
    "h_count{x=y} 3",
    "h_sum{x=y} 4.5",
    "h_bucket{x=y,le=1.0} 2",
    "h_bucket{x=y,le=+Inf} 3",
    "HELP n ",
    "TYPE n histogram",
  ];
  const rest = ["HELP s ", "TYPE s summary", "s_count 2", "s_sum 9", "s{quantile=0.5} 7"];
  const bytes = writeProtobuf(FAMILIES);
  expect(read(bytes)).toEqual([...classic, "n_count 10", "n_sum 5.5", "n_bucket{le=+Inf} 10", ...rest]);
  expect(read(bytes, { nativeHistograms: true })).toEqual([...classic, `n ${JSON.stringify(NATIVE)}`, ...rest]);
});

/** Returns a histogram family with one metric, whose histogram is written by `body`. */
function histogramFamily(body: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter();
  writer.delimited(() => {
    writer.string(1, "h");
    writer.uint64(3, 4);
    writer.message(4, () => writer.message(7, () => body(writer)));
  });
  return writer.written.slice();
}

test("ProtobufReader reads exemplars with a time from native histograms and their buckets", () => {
  const bytes = histogramFamily((writer) => {
    writer.uint64(1, 1);
    writer.double(6, 0.5);
    writer.message(3, () => {
      writer.uint64(1, 1);
      writer.double(2, 1);
      writer.message(3, () => {
        writer.message(1, () => {
          writer.string(1, "id");
          writer.string(2, "7");
        });
        writer.double(2, 0.25);
        writer.message(3, () => {
          writer.int64(1, 2);
          writer.uint64(2, 500_000_000);
        });
      });
    });
  });
  expect(read(bytes).at(-2)).toBe("h_bucket{le=1.0} 1 # {id=7} 0.25 2500");
  expect(read(bytes, { nativeHistograms: true }).at(-1)).toMatch(/ # \{id=7\} 0\.25 2500$/);
});

/** Returns a native histogram family whose only span has three buckets with the given deltas. */
const sides = (deltas: readonly number[]): Uint8Array =>
  histogramFamily((writer) => {
    writer.message(12, () => {
      writer.sint64(1, 1);
      writer.uint64(2, 3);
    });
    for (const delta of deltas) writer.sint64(13, delta);
  });

test("ProtobufReader omits empty buckets and refuses spans that do not match the buckets", () => {
  const native = { nativeHistograms: true };
  expect(read(sides([1, -1, 2]), native).at(-1)).toContain(
    '"positiveSpans":[{"offset":1,"length":1},{"offset":1,"length":1}]',
  );
  expect(() => read(sides([1]), native)).toThrow('histogram "h": positive side: spans require 3 buckets, have 1');
});

test("ProtobufReader ends or throws an ExpositionError on any mutation", () => {
  const body = writeProtobuf(FAMILIES);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(body.length), fc.nat(255)), { maxLength: 5 }),
      fc.nat(body.length),
      (edits, cut) => {
        const bytes = body.slice(0, cut);
        for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
        try {
          read(bytes, { nativeHistograms: true, alwaysClassic: true });
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

/** Writes a Timestamp message of 1.5 s to a field. */
const began = (writer: WireWriter, field: number): void =>
  writer.message(field, () => {
    writer.int64(1, 1);
    writer.uint64(2, 500_000_000);
  });

test("ProtobufReader returns the start time of counters, histograms and summaries, and resets it for the next metric", () => {
  const writer = new WireWriter();
  const family = (name: string, type: number, field: number, body: () => void): void =>
    writer.delimited(() => {
      writer.string(1, name);
      writer.uint64(3, type);
      writer.message(4, () => writer.message(field, body));
    });
  family("c", 0, 3, () => began(writer, 3));
  family("g", 1, 2, () => writer.double(1, 1));
  family("s", 2, 4, () => began(writer, 4));
  family("h", 4, 7, () => {
    writer.uint64(5, 3);
    writer.uint64(7, 1);
    began(writer, 15);
  });
  family("u", 3, 5, () => writer.double(1, 1));
  const reader = new ProtobufReader(writer.written.slice(), { nativeHistograms: true });
  const found: Record<string, number> = {};
  for (let kind = reader.next(); kind !== 0; kind = reader.next()) {
    if (kind <= 2) found[reader.labels()[1]!] = reader.startTimestamp;
  }
  expect(found).toMatchObject({ c: 1500, g: 0, s_count: 1500, s_sum: 1500, u: 0 });
  expect(found["h"] ?? found["h_count"]).toBe(1500);
});

function familyOf(type: number, body: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter();
  writer.delimited(() => {
    writer.string(1, "x");
    writer.uint64(3, type);
    body(writer);
  });
  return writer.written.slice();
}

test("ProtobufReader refuses the same input as a generated reader, with the same messages", () => {
  const refused = (bytes: Uint8Array, message: string): void => expect(() => read(bytes)).toThrow(message);
  const metric = (body: (writer: WireWriter) => void) => familyOf(0, (writer) => writer.message(4, () => body(writer)));
  refused(Uint8Array.of(0x80), "clientpb: invalid varint encountered");
  refused(Uint8Array.of(9, 1), "clientpb: insufficient length of buffer, expected at least 10 bytes, got 2 bytes");
  refused(
    familyOf(0, (writer) => writer.uint64(1, 1)),
    "proto: wrong wireType = 0 for field Name",
  );
  refused(
    metric((writer) => writer.uint64(2, 1)),
    "proto: wrong wireType = 0 for field Gauge",
  );
  refused(
    metric((writer) => writer.message(2, () => writer.uint64(1, 1))),
    "proto: wrong wireType = 0 for field Value",
  );
  refused(
    metric((writer) => writer.raw(Uint8Array.of(0))),
    "proto: Metric: illegal tag 0 (wire type 0)",
  );
  refused(
    metric((writer) => writer.tag(9, 4)),
    "proto: Metric: wiretype end group for non-group",
  );
  refused(
    metric((writer) => writer.tag(9, 7)),
    "proto: illegal wireType 7",
  );
  refused(
    metric((writer) => writer.tag(3, 2)),
    "unexpected EOF",
  );
  refused(
    metric((writer) => writer.message(1, () => writer.string(1, ""))),
    "invalid label name: ",
  );
  refused(
    familyOf(9, (writer) => writer.bytes(4, new Uint8Array())),
    'unknown metric type for metric "x": 9',
  );
});

test("ProtobufReader skips groups and families without metrics, and reads missing bodies as zeros", () => {
  const group = (writer: WireWriter): void => {
    writer.tag(20, 3);
    writer.tag(21, 3);
    writer.double(1, 1);
    writer.tag(21, 4);
    writer.tag(20, 4);
  };
  expect(read(familyOf(9, () => undefined))).toEqual([]);
  expect(read(familyOf(1, (writer) => writer.message(4, () => group(writer))))).toEqual([
    "HELP x ",
    "TYPE x gauge",
    "x 0",
  ]);
  const empty = (type: number) => read(familyOf(type, (writer) => writer.bytes(4, new Uint8Array()))).slice(2);
  expect(empty(2)).toEqual(["x_count 0", "x_sum 0"]);
  expect(empty(4)).toEqual(["x_count 0", "x_sum 0", "x_bucket{le=+Inf} 0"]);
});

test("ProtobufReader reads the body of the family's type, and buckets up to the first one with all observations", () => {
  const value = (writer: WireWriter, field: number, number: number): void =>
    writer.message(field, () => writer.double(1, number));
  const both = familyOf(1, (writer) =>
    writer.message(4, () => {
      value(writer, 2, 1);
      value(writer, 3, 2);
    }),
  );
  expect(read(both).at(-1)).toBe("x 1");
  const buckets = histogramFamily((writer) => {
    for (const bound of [1, Infinity, 2]) writer.message(3, () => writer.double(2, bound));
  });
  expect(read(buckets).slice(4)).toEqual(["h_bucket{le=1.0} 0", "h_bucket{le=+Inf} 0"]);
});
