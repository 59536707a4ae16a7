import { SnappyCompressor, WireWriter } from "@narthex/bytes";

const compressor = new SnappyCompressor();

/** Content of a remote write 1.0 request: a float for each of `series` series of a sender. */
export interface WrittenSeries {
  readonly sender: number;
  /** Number of the first series; each number is a different series. */
  readonly first: number;
  readonly series: number;
  /** ms since 1970. */
  readonly time: number;
}

/** Returns a compressed remote write 1.0 request. */
export function writeRequest({ sender, first, series, time }: WrittenSeries): Uint8Array {
  const out = new WireWriter(1 << 20);
  for (let i = first; i < first + series; i++) {
    out.message(1, () => {
      for (const [name, value] of labelsOf(sender, i)) {
        out.message(1, () => {
          out.string(1, name);
          out.string(2, value);
        });
      }
      out.message(2, () => {
        out.double(1, i + (time % 100_000));
        out.int64(2, time);
      });
    });
  }
  return compressor.compress(out.written).slice();
}

const labelsOf = (sender: number, i: number): readonly (readonly [string, string])[] => [
  ["__name__", `http_requests_${i % 40}_total`],
  ["cluster", "eu-west-1-production"],
  ["code", String(200 + (i % 5))],
  ["instance", `10.0.${sender}.17:9100`],
  ["job", "api-gateway"],
  ["namespace", "shop"],
  ["path", `/api/v1/resource/${i}`],
  ["pod", `gateway-6f7d8c9b5-${sender}`],
];

/** HTTP headers of a remote write 1.0 request. */
export const WRITE_HEADERS = { "content-type": "application/x-protobuf", "content-encoding": "snappy" } as const;
