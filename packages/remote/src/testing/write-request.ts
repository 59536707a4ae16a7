import { SnappyCompressor, WIRE_FIXED64, WireWriter } from "@narthex/bytes";

/** A series in a test: labels as pairs, samples as time and value. */
export interface TestSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples?: readonly (readonly [timestamp: number, value: number | Uint8Array])[];
  /** Writes a whole protobuf message Histogram. */
  readonly histogram?: (out: WireWriter) => void;
  /** Type (as a number) and unit of the metric, for remote write 2.0. */
  readonly metadata?: readonly [type: number, unit: string];
  /** True to encode the labels after the samples, for remote write 1.0. */
  readonly labelsLast?: boolean;
}

const packed = (out: WireWriter): Uint8Array => new SnappyCompressor().compress(out.written).slice();

/** Encodes and compresses a request of remote write 1.0. */
export function requestV1(series: readonly TestSeries[]): Uint8Array {
  const out = new WireWriter();
  for (const { labels, samples = [], histogram, labelsLast = false } of series) {
    const writeLabels = (): void => {
      for (const [name, value] of labels) {
        out.message(1, () => {
          out.string(1, name);
          out.string(2, value);
        });
      }
    };
    out.message(1, () => {
      if (!labelsLast) writeLabels();
      for (const sample of samples) out.message(2, () => writeSample(out, sample));
      if (histogram !== undefined) out.message(4, () => histogram(out));
      if (labelsLast) writeLabels();
    });
  }
  return packed(out);
}

/** Encodes and compresses a request of remote write 2.0. `refs` replaces the label indexes of the first series. */
export function requestV2(series: readonly TestSeries[], refs?: readonly number[]): Uint8Array {
  const symbols = [""];
  const symbol = (text: string): number => (symbols.includes(text) ? symbols.indexOf(text) : symbols.push(text) - 1);
  const out = new WireWriter();
  for (const [i, { labels, samples = [], metadata }] of series.entries()) {
    out.message(5, () => {
      const own = i === 0 && refs !== undefined ? refs : labels.flat().map(symbol);
      out.message(1, () => {
        for (const ref of own) out.varint(ref);
      });
      for (const sample of samples) out.message(2, () => writeSample(out, sample));
      if (metadata === undefined) return;
      out.message(5, () => {
        out.uint64(1, metadata[0]);
        out.uint64(4, symbol(metadata[1]));
      });
    });
  }
  // Writes the symbols after the series, which the format allows.
  for (const text of symbols) out.string(4, text);
  return packed(out);
}

function writeSample(out: WireWriter, [timestamp, value]: readonly [number, number | Uint8Array]): void {
  if (typeof value === "number") out.double(1, value);
  else {
    out.tag(1, WIRE_FIXED64);
    out.raw(value);
  }
  out.int64(2, timestamp);
}
