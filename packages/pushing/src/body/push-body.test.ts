import { gzipSync } from "node:zlib";
import { WireWriter } from "@narthex/bytes";
import { family, histogramSamples, sample, summarySamples, writeProtobuf } from "@narthex/exposition";
import { expect, test } from "vitest";
import { familyHead, metricLines } from "../metrics/metric-text.ts";
import { LEGACY_NAMES, type NameRules, UTF8_NAMES } from "./name-rules.ts";
import { readPushBody } from "./push-body.ts";
import type { ReadFamily } from "../metrics/read-family.ts";

const PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

async function read(
  body: string | Uint8Array,
  headers: { contentType?: string; contentEncoding?: string } = {},
  names: NameRules = LEGACY_NAMES,
): Promise<string> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const { contentType, contentEncoding } = headers;
  const result = await readPushBody(bytes, { contentType, contentEncoding }, names);
  if (!result.ok) return result.message;
  const text = ({ name, help, type, metrics }: ReadFamily): string =>
    familyHead(name, help, type, "allow-utf-8") +
    metrics.map((metric) => metricLines(name, type, metric, "allow-utf-8")).join("");
  return result.families.map(text).join("");
}

test("readPushBody() reads text for any Content-Type except protobuf", async () => {
  const text = "# TYPE m untyped\nm 3.14\n";
  expect(await read("m 3.14\n", { contentType: "application/x-www-form-urlencoded" })).toBe(text);
  expect(await read("m 3.14\n", { contentType: "application/vnd.google.protobuf" })).toBe(text);
  expect(await read("")).toBe("");
});

test("readPushBody() unpacks gzip and framed Snappy, and reports what is invalid", async () => {
  const packed = gzipSync("m 1\n");
  expect(await read(packed, { contentEncoding: "GZIP" })).toBe("# TYPE m untyped\nm 1\n");
  expect(await read(packed.subarray(0, 12), { contentEncoding: "gzip" })).toBe("unexpected EOF");
  expect(await read("not gzip at all", { contentEncoding: "gzip" })).toBe("gzip: invalid header");
  // The bytes before the truncated end are parsed, and an error in them is reported.
  const torn = (contents: string | Uint8Array): Uint8Array => gzipSync(contents).subarray(0, -8);
  expect(await read(torn("m x\n"), { contentEncoding: "gzip" })).toMatch(/^text format parsing error in line 1/);
  const badMessage = { contentEncoding: "gzip", contentType: PROTOBUF };
  expect(await read(torn(Uint8Array.of(3, 255, 255, 255)), badMessage)).toBe(
    "proto: cannot parse invalid wire-format data",
  );
  expect(await read(torn(Uint8Array.of(9, 255)), badMessage)).toBe("unexpected EOF");
  // A stream identifier, then an uncompressed chunk of "m 1\n" with its masked CRC-32C.
  const frames = Buffer.concat([
    Buffer.from([0xff, 6, 0, 0]),
    Buffer.from("sNaPpY"),
    Buffer.from([0x01, 8, 0, 0, 243, 101, 64, 230]),
    Buffer.from("m 1\n"),
  ]);
  expect(await read(frames, { contentEncoding: "snappy" })).toBe("# TYPE m untyped\nm 1\n");
  frames[frames.length - 2] = 0x32;
  expect(await read(frames, { contentEncoding: "snappy" })).toBe("snappy: corrupt input");
  expect(await read("xxxxxxxxxx", { contentEncoding: "snappy" })).toBe("snappy: corrupt input");
});

test("readPushBody() reads protobuf families like the text format", async () => {
  const families = [
    family("counter", "c_total", "Things.", [sample(2, { a: "b" })]),
    {
      name: "h",
      help: "H.",
      type: "histogram" as const,
      samples: histogramSamples({ bounds: [0.5, 1], counts: [1, 2], count: 3, sum: 4 }, { x: "y" }),
    },
    {
      name: "s",
      help: "S.",
      type: "summary" as const,
      samples: summarySamples({ quantiles: [[0.5, 7]], count: 3, sum: 4 }),
    },
  ];
  const text = await read(writeProtobuf(families), { contentType: PROTOBUF });
  expect(text).toContain('# HELP c_total Things.\n# TYPE c_total counter\nc_total{a="b"} 2\n');
  expect(text).toContain('h_bucket{x="y",le="0.5"} 1\nh_bucket{x="y",le="1"} 2\nh_bucket{x="y",le="+Inf"} 3\n');
  expect(text).toContain('s{quantile="0.5"} 7\n');
  expect(await read("xxxxxxxxxxxxxxxxxxxxxxxx", { contentType: PROTOBUF })).toBe("unexpected EOF");
});

test("readPushBody() refuses UTF-8 names unless they are allowed", async () => {
  const body = 'ok 1\n{"foo.bar"} 1\n';
  expect(await read(body)).toBe('text format parsing error in line 2: invalid metric name "foo.bar"');
  expect(await read('m{"foo.bar"="x"} 1\n')).toBe('text format parsing error in line 1: invalid label name "foo.bar"');
  expect(await read(body, {}, UTF8_NAMES)).toContain('{"foo.bar"} 1');
});

test("readPushBody() stops unpacking Snappy when the body exceeds the limit", async () => {
  const chunk = Buffer.concat([Buffer.from([0x01, 8, 0, 0, 243, 101, 64, 230]), Buffer.from("m 1\n")]);
  const frames = Buffer.concat([
    Buffer.from([0xff, 6, 0, 0]),
    Buffer.from("sNaPpY"),
    ...Array<Buffer>(100).fill(chunk),
  ]);
  // The bytes beyond the limit are not read, although they are invalid Snappy.
  const torn = Buffer.concat([frames, Buffer.from("torn")]);
  const headers = { contentType: undefined, contentEncoding: "snappy" };
  expect(await readPushBody(torn, headers, LEGACY_NAMES, { maxBytes: 100 })).toMatchObject({ isTooLarge: true });
  expect(await readPushBody(torn, headers, LEGACY_NAMES, { maxBytes: 400 })).toMatchObject({
    message: "snappy: unsupported input",
  });
});

test("readPushBody() yields to other requests while it reads a large body", async () => {
  let turns = 0;
  let isRead = false;
  const count = (): void => {
    turns++;
    if (!isRead) setImmediate(count);
  };
  setImmediate(count);
  await read('m{a="b"} 1\n'.repeat(100_000));
  isRead = true;
  expect(turns).toBeGreaterThan(10);
});

test.each([
  ["text", Buffer.from("a 1\n".repeat(4)), undefined, undefined],
  [
    "summaries",
    Buffer.from(`# TYPE a summary\n${'a{quantile="0.5"} 1\na_count 1\n'.repeat(9)}b 1\nc 1\nd 1\n`),
    undefined,
    undefined,
  ],
  ["gzip", gzipSync("a 1\n".repeat(4)), undefined, "gzip"],
  ["protobuf", Buffer.from([8, 0x22, 0, 0x22, 0, 0x22, 0, 0x22, 0]), PROTOBUF, undefined],
])("readPushBody() reads no more metrics than are allowed: %s", async (_, body, contentType, contentEncoding) => {
  const headers = { contentType, contentEncoding };
  expect(await readPushBody(body, headers, LEGACY_NAMES, { maxMetrics: 3 })).toEqual({
    ok: false,
    isTooLarge: true,
    message: "the push has more than 3 metrics, the most that is read; push fewer at once",
  });
  expect(await readPushBody(body, headers, LEGACY_NAMES, { maxMetrics: 4 })).toMatchObject({ ok: true });
});

test("readPushBody() refuses a metric with too many labels before it is checked", async () => {
  const message = "a metric of the push has more than 1000 labels, the most that is read";
  const refusal = { ok: false, isTooLarge: true, message };
  const labels = Array.from({ length: 1001 }, (_, i) => `a${i}=""`).join();
  const text = { contentType: undefined, contentEncoding: undefined };
  expect(await readPushBody(Buffer.from(`m{${labels}} 1\n`), text, LEGACY_NAMES)).toEqual(refusal);
  const out = new WireWriter();
  out.delimited(() => {
    out.string(1, "m");
    out.message(4, () => {
      for (let i = 0; i < 1001; i++) out.message(1, () => undefined);
    });
  });
  const headers = { contentType: PROTOBUF, contentEncoding: undefined };
  expect(await readPushBody(out.written, headers, LEGACY_NAMES)).toEqual(refusal);
});

test("readPushBody() refuses a metric with too many buckets", async () => {
  const out = new WireWriter();
  out.delimited(() => {
    out.string(1, "h");
    out.uint64(3, 4);
    out.message(4, () =>
      out.message(7, () => {
        for (let i = 0; i < 20_001; i++) out.message(3, () => undefined);
      }),
    );
  });
  const headers = { contentType: PROTOBUF, contentEncoding: undefined };
  expect(await readPushBody(out.written, headers, LEGACY_NAMES)).toEqual({
    ok: false,
    isTooLarge: true,
    message: "a metric of the push has more than 20000 buckets or other parts, the most that is read",
  });
});

test("readPushBody() counts labels that a line of a histogram inherits from the lines before it", async () => {
  const lines = Array.from({ length: 1001 }, (_, i) => `g 1\n{"h",b${i}=""} 1\n`).join("");
  const headers = { contentType: undefined, contentEncoding: undefined };
  expect(await readPushBody(Buffer.from(`# TYPE h histogram\nh{a=""} 1\n${lines}`), headers, UTF8_NAMES)).toMatchObject(
    {
      isTooLarge: true,
    },
  );
});
