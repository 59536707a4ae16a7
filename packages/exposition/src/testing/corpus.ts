import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WireWriter } from "@narthex/bytes";
import type { BodyFormat } from "../negotiation/negotiate.ts";
import { family, histogramSamples, type MetricFamily, sample, summarySamples } from "../family.ts";
import { parseFamilies } from "../text/parse-families.ts";
import { writeProtobuf } from "../write/write-protobuf.ts";

/** Valid bodies that are mutated, by format. */
export type Corpus = Readonly<Record<BodyFormat, readonly Uint8Array[]>>;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const TEXT = `# HELP http_requests_total The total number of \\"HTTP\\" requests.\\nSecond \\\\ line.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total { method = "post" , code = "400" , }    3   -1395066363000

# a comment, and one without anything behind
#
# TYPE weird untyped
weird{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\"",é="ü"} 1.458255915e9
{"quoted.name","a label"="b",le="1"} NaN
metric_without_timestamp_and_labels 12.47
something{x=""} +Inf -3982045
# TYPE rpc histogram
rpc_bucket{le="0.05"} 24054
rpc_bucket{le="1"} 33444
rpc_bucket{le="+Inf"} 144320
rpc_sum 53423.5
rpc_count 144320
# TYPE wait summary
wait{quantile="0.5"} 4773
wait{quantile="0.999"} 1e-07
wait_sum 1.7560473e+07
wait_count 2693
`;

const OPEN_METRICS = `# HELP jobs Jobs done.
# TYPE jobs counter
# UNIT bytes_read_bytes bytes
jobs_total{kind="mail"} 17 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.789
jobs_created{kind="mail"} 1520430000.123
# TYPE size histogram
size_bucket{le="0.1"} 8 # {} 0.054
size_bucket{le="+Inf"} 17 # {a="b",c="d"} 9.8 1520879607.789
size_count 17
size_sum 324789.3
# TYPE state stateset
state{state="a"} 1
state{state="b"} 0
# TYPE build info
build_info{version="8.2\\"7\\\\\\n"} 1
# TYPE pool gaugehistogram
pool_bucket{le="2"} 1
pool_gcount 3
pool_gsum 4.5
{"quoted.name","x.y"="é"} 1 123.456
nothing NaN
# EOF
`;

const FAMILIES: readonly MetricFamily[] = [
  family("counter", "c_total", "Counted.", [sample(3, { a: "é" }, 1500), sample(4, { a: "" })]),
  { ...family("gauge", "temperature_celsius", "", 21.5), unit: "celsius" },
  {
    name: "h",
    help: "Classic.",
    type: "histogram",
    samples: histogramSamples({ bounds: [1, 2.5], counts: [2, 3], count: 4, sum: 4.5 }, { x: "y" }),
  },
  { name: "s", help: "", type: "summary", samples: summarySamples({ quantiles: [[0.5, 7]], count: 2, sum: 9 }) },
];

/** Returns native histograms with integer and float counts, exemplars and created timestamps, packed and unpacked. */
function nativeFamily(): Uint8Array {
  const writer = new WireWriter();
  const time = (field: number): void => {
    writer.message(field, () => {
      writer.uint64(1, 1_520_879_607);
      writer.uint64(2, 789_000_000);
    });
  };
  const exemplar = (field: number): void => {
    writer.message(field, () => {
      writer.message(1, () => {
        writer.string(1, "trace_id");
        writer.string(2, "KOO5S4");
      });
      writer.double(2, 0.67);
      time(3);
    });
  };
  const span = (field: number, offset: number, length: number): void => {
    writer.message(field, () => {
      writer.sint64(1, offset);
      writer.uint64(2, length);
    });
  };
  writer.delimited(() => {
    writer.string(1, "native");
    writer.string(2, "Both forms.");
    writer.uint64(3, 4);
    writer.message(4, () =>
      writer.message(7, () => {
        writer.uint64(1, 10);
        writer.double(2, 5.5);
        writer.sint64(5, 3);
        writer.double(6, 0.001);
        writer.uint64(7, 2);
        span(9, 0, 1);
        writer.sint64(10, 2);
        span(12, -2, 2);
        span(12, 1, 1);
        writer.bytes(13, Uint8Array.of(2, 4, 1));
        writer.message(3, () => {
          writer.uint64(1, 10);
          writer.double(2, 1);
          exemplar(3);
        });
        exemplar(16);
        time(15);
      }),
    );
    writer.message(4, () =>
      writer.message(7, () => {
        writer.double(4, 4.5);
        writer.sint64(5, -1);
        writer.double(8, 0.5);
        span(12, 0, 2);
        for (const count of [1, 3]) writer.double(14, count);
      }),
    );
  });
  writer.delimited(() => {
    writer.string(1, "made_total");
    writer.uint64(3, 0);
    writer.message(4, () => {
      writer.message(3, () => {
        writer.double(1, 9);
        exemplar(2);
        time(3);
      });
      writer.int64(6, -5);
    });
  });
  return writer.written.slice();
}

/**
 * Returns the built-in bodies, and bodies from the files `*.om.txt` and `*.prom.txt` of a folder. Bodies from
 * `*.prom.txt` are also converted to protobuf.
 */
export function corpus(folder?: string): Corpus {
  const text = [encode(TEXT)];
  const openmetrics = [encode(OPEN_METRICS)];
  const protobuf = [writeProtobuf(FAMILIES), nativeFamily()];
  for (const name of folder === undefined ? [] : readdirSync(folder).sort()) {
    const body = new Uint8Array(readFileSync(join(folder!, name)));
    if (name.endsWith(".om.txt")) openmetrics.push(body);
    else if (name.endsWith(".prom.txt")) text.push(body);
  }
  for (const body of text) {
    const parsed = parseFamilies(body);
    if (parsed.ok) for (const one of parsed.families) protobuf.push(writeProtobuf([one]));
  }
  return { text, openmetrics, protobuf };
}
