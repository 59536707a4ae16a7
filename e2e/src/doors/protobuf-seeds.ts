import { WireWriter } from "@narthex/bytes";
import { type FloatHistogram, Labels } from "@narthex/model";
import { writeRequest } from "../support/remote-write.ts";

/** Converts a protobuf message to a text with one character for each byte, so that the test can inflate it. */
const textOf = (message: Uint8Array): string => Buffer.from(message).toString("latin1");

const bytes = (write: (out: WireWriter) => void): string => {
  const out = new WireWriter(1 << 12);
  write(out);
  return textOf(out.written);
};

const NOW = 1_700_000_000_000;

const HISTOGRAM: FloatHistogram = {
  integer: true,
  // Schema with a finer resolution than the storage supports, so that the receiver must reduce the resolution.
  schema: 9,
  count: 3,
  sum: 2,
  zeroThreshold: 0.001,
  zeroCount: 1,
  positiveSpans: [{ offset: 1, length: 2 }],
  positiveBuckets: Float64Array.of(1, 1),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  resetHint: "unknown",
  customBounds: undefined,
};

export const WRITE_1: readonly string[] = [
  textOf(
    writeRequest([
      {
        labels: Labels.of({ __name__: "up", job: "a" }),
        timestamps: [NOW],
        values: Float64Array.of(1.5),
        histograms: [],
      },
      {
        labels: Labels.of({ __name__: "h", job: "a" }),
        timestamps: [NOW],
        values: new Float64Array(0),
        histograms: [HISTOGRAM],
      },
    ]),
  ),
];

export const WRITE_2: readonly string[] = [
  bytes((out) => {
    for (const symbol of ["", "__name__", "up", "job", "a"]) out.string(4, symbol);
    out.message(5, () => {
      for (const reference of [1, 2, 3, 4]) out.uint64(1, reference);
      out.message(2, () => {
        out.double(1, 1.5);
        out.int64(2, NOW);
      });
    });
  }),
];

export const OTLP_PROTOBUF: readonly string[] = [
  bytes((out) =>
    out.message(1, () => {
      out.message(1, () =>
        out.message(1, () => {
          out.string(1, "service.name");
          out.message(2, () => out.string(1, "a"));
        }),
      );
      out.message(2, () =>
        out.message(2, () => {
          out.string(1, "http.server  duration");
          out.string(3, "By/s");
          out.message(5, () =>
            out.message(1, () => {
              out.double(4, 1.5);
            }),
          );
        }),
      );
    }),
  ),
];

/** Returns an encoded MetricFamily message, preceded by its length. */
const family = (write: (out: WireWriter) => void): string => bytes((out) => out.delimited(() => write(out)));

export const SCRAPE_PROTOBUF: readonly string[] = [
  family((out) => {
    out.string(1, "a_total");
    out.uint64(3, 0);
    out.message(4, () => {
      out.message(1, () => {
        out.string(1, "b");
        out.string(2, "c");
      });
      out.message(3, () => out.double(1, 1));
    });
  }),
  family((out) => {
    out.string(1, "h");
    out.uint64(3, 4);
    out.message(4, () =>
      out.message(7, () => {
        out.uint64(1, 2);
        out.double(2, 3);
        out.message(3, () => {
          out.uint64(1, 1);
          out.double(2, 0.5);
        });
        out.sint64(5, 3);
        out.double(6, 0.001);
        out.message(12, () => {
          out.sint64(1, 1);
          out.uint64(2, 2);
        });
        out.sint64(13, 1);
        out.sint64(13, 0);
      }),
    );
  }),
];
