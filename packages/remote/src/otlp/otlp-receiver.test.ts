import { WireWriter } from "@narthex/bytes";
import { type Appender, OUTCOME_OK, OUTCOME_OUT_OF_BOUNDS } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { OtlpObject } from "../testing/otlp-message.ts";
import {
  OTLP_CONFIG,
  NOW,
  OtlpRig,
  encoded,
  text,
  at,
  request,
  gauge,
  sum,
  point,
  answered,
} from "../testing/otlp-rig.ts";
import { type OtlpCompression } from "./message/otlp-body.ts";
import type { OtlpResult } from "./otlp-receiver.ts";

test("a series that was sent before is recognised by the bytes of its attributes, whatever comes in between", async () => {
  const rig = new OtlpRig();
  const message = (ms: number, value: number): OtlpObject =>
    request([
      gauge("a", point(ms, value, [text("x", "1")]), point(ms, value + 1, [text("x", "2")])),
      sum("b", 2, point(ms, value, [text("x", "1")])),
    ]);
  expect(answered(await rig.send(message(NOW, 1)))).toEqual([200, ""]);
  expect(rig.resolved).toBe(3);
  await rig.send(message(NOW + 1000, 3));
  await rig.send(request([sum("b", 2, point(NOW + 2000, 9, [text("x", "1")]))]));
  expect(rig.resolved).toBe(3);
  expect(rig.stored).toEqual({
    '{__name__="a", job="cart", x="1"}': [1, 3],
    '{__name__="a", job="cart", x="2"}': [2, 4],
    '{__name__="b_total", job="cart", x="1"}': [1, 3, 9],
  });
});

test("after a change of the configuration metrics are translated again", async () => {
  const rig = new OtlpRig();
  await rig.send(request([sum("a.b", 2, point(NOW, 1))]));
  rig.config = { ...OTLP_CONFIG, translationStrategy: "NoTranslation", promoteScopeMetadata: true };
  await rig.send(request([sum("a.b", 2, point(NOW, 1))]));
  expect(Object.keys(rig.stored)).toEqual([
    '{__name__="a_b_total", job="cart"}',
    '{__name__="a.b", job="cart", otel_scope_k="v", otel_scope_name="lib", otel_scope_schema_url="url", otel_scope_version="2"}',
  ]);
});

test("a classic histogram becomes a sum, a count and cumulative buckets, and a point without a recorded value ends all of them", async () => {
  const rig = new OtlpRig();
  const histogram = (ms: number, flags: number): OtlpObject => ({
    name: "h",
    unit: "ms",
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          timeUnixNano: at(ms),
          count: "6",
          sum: 7.5,
          bucketCounts: ["1", "2", "3"],
          explicitBounds: [0.5, 1],
          flags,
        },
      ],
    },
  });
  expect(answered(await rig.send(request([histogram(NOW, 0)])))).toEqual([200, ""]);
  await rig.send(request([histogram(NOW + 1, 1)]));
  expect(rig.stored).toEqual({
    '{__name__="h_milliseconds_sum", job="cart"}': [7.5, "stale"],
    '{__name__="h_milliseconds_count", job="cart"}': [6, "stale"],
    '{__name__="h_milliseconds_bucket", job="cart", le="0.5"}': [1, "stale"],
    '{__name__="h_milliseconds_bucket", job="cart", le="1"}': [3, "stale"],
    '{__name__="h_milliseconds_bucket", job="cart", le="+Inf"}': [6, "stale"],
  });
});

test("a summary becomes a sum, a count and quantiles", async () => {
  const rig = new OtlpRig();
  const quantileValues = [
    { quantile: 0.5, value: 2 },
    { quantile: 1, value: 9 },
  ];
  await rig.send(
    request([{ name: "s", summary: { dataPoints: [{ timeUnixNano: at(NOW), count: "4", sum: 20, quantileValues }] } }]),
  );
  expect(rig.stored).toEqual({
    '{__name__="s_sum", job="cart"}': [20],
    '{__name__="s_count", job="cart"}': [4],
    '{__name__="s", job="cart", quantile="0.5"}': [2],
    '{__name__="s", job="cart", quantile="1"}': [9],
  });
});

const exponential = (aggregationTemporality: number, ms: number, ...positive: readonly number[]): OtlpObject => ({
  name: "e",
  exponentialHistogram: {
    aggregationTemporality,
    dataPoints: [
      {
        timeUnixNano: at(ms),
        count: String(positive.reduce((a, b) => a + b, 1)),
        sum: 3,
        scale: 1,
        zeroCount: "1",
        positive: { offset: 2, bucketCounts: positive.map(String) },
      },
    ],
  },
});

test("an exponential histogram becomes a native one, whose bucket indices are one higher", async () => {
  const rig = new OtlpRig();
  await rig.send(request([exponential(2, NOW, 2, 0, 0, 0, 5)]));
  expect(rig.stored).toMatchObject({
    '{__name__="e", job="cart"}': [
      {
        schema: 1,
        zeroThreshold: 1e-128,
        zeroCount: 1,
        count: 8,
        positiveSpans: [
          { offset: 3, length: 1 },
          { offset: 3, length: 1 },
        ],
        positiveBuckets: Float64Array.of(2, 5),
        resetHint: "unknown",
      },
    ],
  });
});

test("classic histograms become native ones with custom buckets if configured so", async () => {
  const rig = new OtlpRig({ convertHistogramsToNhcb: true });
  const dataPoints = [
    { timeUnixNano: at(NOW), count: "3", sum: 4, bucketCounts: ["0", "1", "2"], explicitBounds: [1, 2] },
  ];
  await rig.send(request([{ name: "h", histogram: { aggregationTemporality: 2, dataPoints } }]));
  expect(rig.stored).toMatchObject({
    '{__name__="h", job="cart"}': [
      { schema: -53, count: 3, sum: 4, customBounds: Float64Array.of(1, 2), positiveBuckets: Float64Array.of(1, 2) },
    ],
  });
});

test("deltas are left out, stored unchanged, or summed", async () => {
  const message = (ms: number): OtlpObject => request([sum("d", 1, point(ms, 2)), sum("c", 2, point(ms, 7))]);
  const [refusing, storing, adding] = [
    new OtlpRig(),
    new OtlpRig({}, { deltas: "store" }),
    new OtlpRig({}, { deltas: "add up" }),
  ];
  for (const rig of [refusing, storing, adding]) {
    for (const ms of [NOW, NOW + 1]) expect(answered(await rig.send(message(ms)))).toEqual([200, ""]);
  }
  const both = { '{__name__="c_total", job="cart"}': [7, 7] };
  expect(refusing.stored).toEqual(both);
  expect(storing.stored).toEqual({ ...both, '{__name__="d_total", job="cart"}': [2, 2] });
  expect(adding.stored).toEqual({ ...both, '{__name__="d_total", job="cart"}': [2, 4] });
  const { leftOut } = await refusing.send(message(NOW + 2));
  expect(leftOut).toEqual(['invalid temporality and type combination for metric "d"']);
});

test("sums of deltas leave out older points, and forget streams that are silent for five minutes", async () => {
  const rig = new OtlpRig({}, { deltas: "add up" });
  const send = (ms: number, value: number): Promise<OtlpResult> => rig.send(request([sum("d", 1, point(ms, value))]));
  await send(NOW, 1);
  await send(NOW + 10, 2);
  await send(NOW + 5, 100);
  await rig.clock.advance(6 * 60_000);
  await send(NOW + 20, 4);
  expect(rig.stored).toEqual({ '{__name__="d_total", job="cart"}': [1, 3, 4] });
});

test("a request is refused completely for its first refused value, and stores nothing", async () => {
  const rig = new OtlpRig();
  await rig.send(request([gauge("a", point(NOW, 1))]));
  const late = await rig.send(request([gauge("b", point(NOW, 1)), gauge("a", point(NOW - 1, 2))]));
  expect(answered(late)).toEqual([400, "out of order sample"]);
  const future = await rig.send(request([gauge("a", point(NOW + 11 * 60_000, 2))]));
  expect(answered(future)).toEqual([400, "out of bounds: timestamp is too far in the future"]);
  const wrong = await rig.send(
    request([
      {
        name: "e",
        exponentialHistogram: {
          aggregationTemporality: 2,
          dataPoints: [{ timeUnixNano: at(NOW), count: "5", sum: 1, scale: 1, zeroCount: "1" }],
        },
      },
    ]),
  );
  expect(wrong.status).toBe(500);
  expect(rig.stored).toEqual({ '{__name__="a", job="cart"}': [1] });
});

test("a broken message is reported like in Go, even if a value before the fault is refused", async () => {
  const rig = new OtlpRig();
  await rig.send(request([gauge("a", point(NOW, 1))]));
  const body = encoded(request([gauge("a", point(NOW - 1, 1))]));
  const torn = await rig.receiver.receive("protobuf", "", body.subarray(0, body.length - 1));
  expect(answered(torn)).toEqual([400, "unexpected EOF"]);
  const trailing = Uint8Array.from([...body, 0x08, 0x01]);
  expect(answered(await rig.receiver.receive("protobuf", "", trailing))).toEqual([
    400,
    "proto: wrong wireType = 0 for field ResourceMetrics",
  ]);
});

test("resources and scopes of a broken message are not remembered", async () => {
  const rig = new OtlpRig({ promoteScopeMetadata: true });
  // Cuts off the attributes of a resource (field 1) or of a scope (field 2).
  for (const field of [1, 2]) {
    const out = new WireWriter();
    const broken = (): void => out.raw(Uint8Array.of(field === 1 ? 0x0a : 0x1a, 5));
    out.message(1, () => {
      if (field === 1) out.message(1, broken);
      else out.message(2, () => out.message(1, broken));
    });
    expect(answered(await rig.receiver.receive("protobuf", "", out.written.slice()))).toEqual([400, "unexpected EOF"]);
  }
  expect(answered(await rig.send(request([gauge("a", point(NOW, 1))])))).toEqual([200, ""]);
  expect(Object.keys(rig.stored)).toEqual([
    '{__name__="a", job="cart", otel_scope_k="v", otel_scope_name="lib", otel_scope_schema_url="url", otel_scope_version="2"}',
  ]);
});

test("JSON, gzip and zstd are read, and their faults are reported", async () => {
  const rig = new OtlpRig();
  const message = request([gauge("a", point(NOW, 1))]);
  const json = Buffer.from(JSON.stringify(message));
  expect(answered(await rig.receiver.receive("json", "", json))).toEqual([200, ""]);
  expect(answered(await rig.receiver.receive("json", "gzip", gzipSync(json)))).toEqual([200, ""]);
  expect(answered(await rig.receiver.receive("protobuf", "gzip", gzipSync(encoded(message))))).toEqual([200, ""]);
  expect(answered(await rig.receiver.receive("protobuf", "zstd", zstdCompressSync(encoded(message))))).toEqual([
    200,
    "",
  ]);
  const faults: readonly (readonly [OtlpCompression, Uint8Array])[] = [
    ["gzip", json],
    ["gzip", new Uint8Array()],
    ["gzip", gzipSync(json).subarray(0, 30)],
    ["zstd", json],
    ["zstd", zstdCompressSync(json).subarray(0, 30)],
    ["", Buffer.from('{"resourceMetrics": 1}')],
    ["", new Uint8Array()],
  ];
  const problems = await Promise.all(
    faults.map(async ([compression, body]) => answered(await rig.receiver.receive("json", compression, body))),
  );
  expect(problems).toEqual([
    [400, "gzip: invalid header"],
    [400, "EOF"],
    [400, "unexpected EOF"],
    [400, "zstd: corrupt input"],
    [400, "zstd: corrupt input"],
    [
      400,
      'ReadArrayCB: expect [ or n, but found 1, error found in #10 byte of ...|etrics": 1}|..., bigger context ...|{"resourceMetrics": 1}|...',
    ],
    [400, "ReadObjectCB: expect { or n, but found \0, error found in #0 byte of ...||..., bigger context ...||..."],
  ]);
  expect(rig.stored).toEqual({ '{__name__="a", job="cart"}': [1] });
});

test("target_info is written with a resource's points, from the earliest to the latest", async () => {
  const rig = new OtlpRig();
  const message = (from: number, to: number): OtlpObject =>
    request([gauge("a", point(from, 1, [text("x", "1")]), point(to, 2, [text("x", "2")]))], [text("host.name", "h")]);
  await rig.send(message(NOW, NOW + 400_000));
  const target = '{__name__="target_info", host_name="h", job="cart"}';
  expect(rig.stored[target]).toHaveLength(4);
  expect([...rig.storage.series.values()].at(-1)!.samples.timestamps.slice(0, 4)).toEqual(
    Float64Array.of(NOW, NOW + 150_000, NOW + 300_000, NOW + 400_000),
  );
  // Also sends an older data point. Samples of target_info that are older than the stored samples are left out.
  const later = await rig.send(
    request([gauge("c", point(NOW + 300_000, 1)), gauge("c", point(NOW + 410_000, 1))], [text("host.name", "h")]),
  );
  expect(answered(later)).toEqual([200, ""]);
  expect(rig.stored[target]).toHaveLength(5);
});

test("exemplars belong to the sum, or to the bucket of their value", async () => {
  const rig = new OtlpRig();
  const exemplars = [
    { timeUnixNano: at(NOW), asDouble: 0.7, traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" },
    { timeUnixNano: at(NOW), asInt: "5", filteredAttributes: [text("user", "u".repeat(200))] },
  ];
  const dataPoints = [
    {
      timeUnixNano: at(NOW),
      count: "2",
      bucketCounts: ["0", "1", "1"],
      explicitBounds: [0.5, 1],
      exemplars,
    },
  ];
  await rig.send(request([{ name: "h", histogram: { aggregationTemporality: 2, dataPoints } }]));
  const storedExemplars = [...rig.storage.series.values()].flatMap(({ labels, exemplars: its }) =>
    its.map(({ labels: own, value }) => [labels.get("le"), own.toString(), value]),
  );
  expect(storedExemplars).toEqual([
    ["1", '{span_id="b7ad6b7169203331", trace_id="0af7651916cd43dd8448eb211c80319c"}', 0.7],
    ["+Inf", "{}", 5],
  ]);
});

test("series get metadata, and labels for type and unit, if configured so", async () => {
  const rig = new OtlpRig({}, { withMetadata: true, typeAndUnitLabels: true });
  await rig.send(request([{ ...sum("d", 2, point(NOW, 1)), unit: "By/s", description: "what it is" }]));
  const labels = '{__name__="d_bytes_per_second_total", __type__="counter", __unit__="bytes_per_second", job="cart"}';
  expect(rig.stored).toEqual({ [labels]: [1] });
  expect(rig.storage.metadata.map(({ metadata }) => metadata)).toEqual([
    { type: "counter", help: "what it is", unit: "bytes_per_second" },
  ]);
});

test("resources without points and refused points are forgotten beyond a limit", async () => {
  const rig = new OtlpRig({}, { maxSpareBytes: 100_000 });
  const open = rig.storage.appender.bind(rig.storage);
  const checkTime = (time: number): number => (time < NOW ? OUTCOME_OUT_OF_BOUNDS : OUTCOME_OK);
  rig.storage.appender = (options) => Object.assign(open(options), { checkTime });
  const known = request([gauge("a", point(NOW, 1))]);
  const resolvedBy = async (message: OtlpObject): Promise<number> => {
    const before = rig.resolved;
    await rig.send(message);
    return rig.resolved - before;
  };
  expect(await resolvedBy(known)).toBe(1);
  expect(await resolvedBy(known)).toBe(0);
  for (let i = 0; i < 20; i++) await rig.send(request([], [text("host.name", `${i}`.repeat(1000))]));
  expect(await resolvedBy(known)).toBe(1);
  // Sends points that are too old. The storage refuses these points before their series are created.
  for (let i = 0; i < 200; i++) {
    const { status } = await rig.send(
      request([gauge("b", point(NOW - 3_600_000_000, 1, [text("x", `${i}`.repeat(300))]))]),
    );
    expect(status).toBe(400);
  }
  expect(await resolvedBy(known)).toBe(1);
  // Sends points of series that are stored. Their names do not count towards the limit.
  for (let i = 0; i < 200; i++) {
    const { status } = await rig.send(request([gauge("b", point(NOW, 1, [text("x", `${i}`.repeat(300))]))]));
    expect(status).toBe(200);
  }
  expect(await resolvedBy(known)).toBe(0);
});

test("resources with stored series are remembered, whatever their number", async () => {
  const rig = new OtlpRig({}, { maxSpareBytes: 100_000 });
  const send = async (): Promise<number> => {
    const before = rig.resolved;
    for (let i = 0; i < 100; i++) {
      const host = text("host.name", `${i}`.padStart(1000, "0"));
      expect((await rig.send(request([gauge("a", point(NOW, 1))], [host, text("service.name", `s${i}`)]))).status).toBe(
        200,
      );
    }
    return rig.resolved - before;
  };
  // Each of the 100 requests creates two series: one of the metric, and target_info.
  expect(await send()).toBe(200);
  expect(await send()).toBe(0);
});

test("the known points are forgotten when half of them were silent for twenty minutes", async () => {
  const rig = new OtlpRig();
  await rig.send(request([gauge("a", point(NOW, 1, [text("x", "1")]), point(NOW, 1, [text("x", "2")]))]));
  await rig.clock.advance(26 * 60_000);
  await rig.send(request([gauge("a", point(NOW + 1, 1, [text("x", "1")]))]));
  expect(rig.resolved).toBe(3);
  expect(rig.stored['{__name__="a", job="cart", x="1"}']).toEqual([1, 1]);
});

test.each(["UnderscoreEscapingWithSuffixes", "NoTranslation"] as const)(
  "series with an attribute whose name is empty or not UTF-8 are left out, even if its value is empty: %s",
  async (translationStrategy) => {
    const rig = new OtlpRig({ translationStrategy });
    const point = (attributes: string, i: number): string =>
      `{"timeUnixNano": "${NOW + i}000000", "asDouble": ${i}, "attributes": [${attributes}]}`;
    const points = ['{"value": {}}', '{"key": "", "value": {}}', '{"key": "empt\x98", "value": {}}', ""].map(point);
    const gauge = `{"name": "m", "gauge": {"dataPoints": [${points.join(", ")}]}}`;
    const message = `{"resourceMetrics": [{"scopeMetrics": [{"metrics": [${gauge}]}]}]}`;
    const { status } = await rig.receiver.receive("json", "", Buffer.from(message, "latin1"));
    expect(status).toBe(200);
    // Expects the data point whose attribute name is not UTF-8, because escaping turns the name into a valid label
    // name.
    expect(Object.entries(rig.stored)).toEqual([
      ['{__name__="m"}', translationStrategy === "NoTranslation" ? [3] : [2, 3]],
    ]);
  },
);

test.each([
  ["traceId", `${"0".repeat(31)}g`, "parse trace_id:", "encoding/hex: invalid byte: U+0067 'g'"],
  ["traceId", "0".repeat(33), "parse trace_id:", "encoding/hex: odd length hex string"],
  ["spanId", "0".repeat(14), "parse span_id:", "invalid length for ID"],
])("JSON whose exemplar has the %s %s is refused with the reason", async (field, id, parsing, reason) => {
  const exemplars = [{ timeUnixNano: at(NOW), asDouble: 1, [field]: id }];
  const message = request([sum("d", 2, { ...point(NOW, 1), exemplars })]);
  const { status, problem } = await new OtlpRig().receiver.receive("json", "", Buffer.from(JSON.stringify(message)));
  expect([status, problem]).toEqual([400, expect.stringContaining(parsing)]);
  expect(problem).toContain(reason);
});

test("a sum of deltas starts when the first delta started", async () => {
  const rig = new OtlpRig({}, { deltas: "add up" });
  const started = NOW - 60_000;
  for (const ms of [NOW, NOW + 30_000])
    await rig.send(request([sum("d", 1, { ...point(ms, 2), startTimeUnixNano: at(ms === NOW ? started : NOW) })]));
  const { samples } = [...rig.storage.series.values()].find(({ labels }) => labels.get("__name__") === "d_total")!;
  expect([...samples.values.subarray(0, 2), ...samples.startTimestamps!.subarray(0, 2)]).toEqual([
    2,
    4,
    started,
    started,
  ]);
});

test("a failed commit is an error of the server", async () => {
  const storage = new MemoryStorage();
  const appendable = {
    appender: (): Appender =>
      Object.assign(storage.appender(), { commit: () => Promise.reject(new Error("disk full")) }),
  };
  const rig = new OtlpRig({}, { appendable });
  expect(answered(await rig.send(request([gauge("a", point(NOW, 1))])))).toEqual([500, "disk full"]);
});
