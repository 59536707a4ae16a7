import { WireWriter } from "@narthex/bytes";
import type { OtlpConfig } from "@narthex/config";
import { isStaleAt, type Labels, wordsOf } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import { type Appender } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { type OtlpObject, writeOtlpRequest } from "../testing/otlp-message.ts";
import { jsonToProtobuf } from "./message/json-message.ts";
import { MAX_OTLP_BYTES, MAX_PART_BYTES, type OtlpCompression } from "./message/otlp-body.ts";
import { OtlpReceiver, type OtlpReceiverOptions, type OtlpResult } from "./otlp-receiver.ts";

const NOW = 1_700_000_000_000;
const CONFIG: OtlpConfig = {
  promoteAllResourceAttributes: false,
  promoteResourceAttributes: [],
  ignoreResourceAttributes: [],
  translationStrategy: "UnderscoreEscapingWithSuffixes",
  keepIdentifyingResourceAttributes: false,
  convertHistogramsToNhcb: false,
  promoteScopeMetadata: false,
  labelNameUnderscoreSanitization: true,
  labelNamePreserveMultipleUnderscores: true,
};

class Rig {
  readonly storage = new MemoryStorage();
  readonly clock = new ManualClock(NOW);
  readonly receiver: OtlpReceiver;
  config: OtlpConfig;
  /** Label sets that were made and given to the storage. */
  resolved = 0;

  constructor(config: Partial<OtlpConfig> = {}, options: Partial<OtlpReceiverOptions> = {}) {
    this.config = { ...CONFIG, ...config };
    this.receiver = new OtlpReceiver({
      appendable: { appender: (its = {}): Appender => this.#watched(this.storage.appender(its)) },
      clock: this.clock,
      config: () => this.config,
      outOfOrderWindowMs: () => 0,
      lookbackMs: 300_000,
      deltas: "refuse",
      withMetadata: false,
      typeAndUnitLabels: false,
      ...options,
    });
  }

  #watched(appender: Appender): Appender {
    const series = appender.series.bind(appender);
    appender.series = (labels: Labels) => {
      this.resolved++;
      return series(labels);
    };
    return appender;
  }

  send(message: OtlpObject): Promise<OtlpResult> {
    return this.receiver.receive("protobuf", "", encoded(message));
  }

  /** Values of each series by its labels: numbers, "stale", or histograms as text. */
  get stored(): Readonly<Record<string, readonly unknown[]>> {
    const entries = [...this.storage.series.values()].map(({ labels, samples }) => {
      const words = wordsOf(samples.values);
      const values = Array.from({ length: samples.count }, (_, i) =>
        isStaleAt(words, i) ? "stale" : (samples.histograms?.[i] ?? samples.values[i]!),
      );
      return [labels.toString(), values] as const;
    });
    return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
  }
}

function encoded(message: OtlpObject): Uint8Array {
  const out = new WireWriter();
  writeOtlpRequest(out, message);
  return out.written.slice();
}

const text = (key: string, value: string): OtlpObject => ({ key, value: { stringValue: value } });
const at = (ms: number): string => `${ms}000000`;

/** A request of one resource, a service, and one scope. */
const request = (metrics: readonly OtlpObject[], attributes: readonly OtlpObject[] = []): OtlpObject => ({
  resourceMetrics: [
    {
      resource: { attributes: [text("service.name", "cart"), ...attributes] },
      scopeMetrics: [{ scope: { name: "lib", version: "2", attributes: [text("k", "v")] }, metrics, schemaUrl: "url" }],
    },
  ],
});
const gauge = (name: string, ...dataPoints: readonly OtlpObject[]): OtlpObject => ({ name, gauge: { dataPoints } });
const sum = (name: string, aggregationTemporality: number, ...dataPoints: readonly OtlpObject[]): OtlpObject => ({
  name,
  sum: { dataPoints, aggregationTemporality, isMonotonic: true },
});
const point = (ms: number, value: number, attributes: readonly OtlpObject[] = []): OtlpObject => ({
  timeUnixNano: at(ms),
  asDouble: value,
  attributes,
});
const answered = ({ status, problem }: OtlpResult): readonly unknown[] => [status, problem];

test("a series that was sent before is known by the bytes of its attributes, whatever comes between", async () => {
  const rig = new Rig();
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

test("another configuration translates anew", async () => {
  const rig = new Rig();
  await rig.send(request([sum("a.b", 2, point(NOW, 1))]));
  rig.config = { ...CONFIG, translationStrategy: "NoTranslation", promoteScopeMetadata: true };
  await rig.send(request([sum("a.b", 2, point(NOW, 1))]));
  expect(Object.keys(rig.stored)).toEqual([
    '{__name__="a_b_total", job="cart"}',
    '{__name__="a.b", job="cart", otel_scope_k="v", otel_scope_name="lib", otel_scope_schema_url="url", otel_scope_version="2"}',
  ]);
});

test("a classic histogram is a sum, a count and cumulative buckets; without recorded values all end", async () => {
  const rig = new Rig();
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

test("a summary is a sum, a count and quantiles", async () => {
  const rig = new Rig();
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

test("an exponential histogram is a native one, whose buckets are one further", async () => {
  const rig = new Rig();
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

test("classic histograms become native ones with custom buckets where they are told to", async () => {
  const rig = new Rig({ convertHistogramsToNhcb: true });
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

test("deltas are left out, stored as they come, or added up", async () => {
  const message = (ms: number): OtlpObject => request([sum("d", 1, point(ms, 2)), sum("c", 2, point(ms, 7))]);
  const [refusing, storing, adding] = [new Rig(), new Rig({}, { deltas: "store" }), new Rig({}, { deltas: "add up" })];
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

test("sums of deltas leave out what is older, and forget streams that are silent for five minutes", async () => {
  const rig = new Rig({}, { deltas: "add up" });
  const send = (ms: number, value: number): Promise<OtlpResult> => rig.send(request([sum("d", 1, point(ms, value))]));
  await send(NOW, 1);
  await send(NOW + 10, 2);
  await send(NOW + 5, 100);
  await rig.clock.advance(6 * 60_000);
  await send(NOW + 20, 4);
  expect(rig.stored).toEqual({ '{__name__="d_total", job="cart"}': [1, 3, 4] });
});

test("a request is refused as a whole for its first refused value, and leaves nothing behind", async () => {
  const rig = new Rig();
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

test("a broken message is told as Go tells it, even where a value is refused before", async () => {
  const rig = new Rig();
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

test("what a broken message names is not remembered", async () => {
  const rig = new Rig({ promoteScopeMetadata: true });
  // A resource and a scope whose attributes end too early.
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

test("JSON, gzip and zstd are read, and told what is wrong with them", async () => {
  const rig = new Rig();
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

test.each([
  ["gzip", gzipSync(new Uint8Array(MAX_OTLP_BYTES + 1))],
  ["zstd", zstdCompressSync(new Uint8Array(MAX_OTLP_BYTES + 1))],
] as const)("a bomb of %s is not unpacked", async (compression, bomb) => {
  expect(bomb.length).toBeLessThan(100_000);
  expect(answered(await new Rig().receiver.receive("protobuf", compression, bomb))).toEqual([
    413,
    "the message has more than 33554432 bytes; send fewer data points at once",
  ]);
});

const PART_TOO_LARGE = [413, expect.stringMatching(/attributes .* have more than 1048576 bytes or 10000 values/)];

/** Lists within lists, the innermost of so many numbers. */
const nested = (numbers: number): string => {
  const list = (depth: number): string =>
    `{"arrayValue":{"values":[${depth === 0 ? '{"intValue":"7"},'.repeat(numbers).slice(0, -1) : list(depth - 1)}]}}`;
  return list(20);
};
const pointWith = (value: string): string =>
  `{"timeUnixNano":"1","asInt":"1","attributes":[{"key":"k","value":${value}}]}`;
const gaugeOf = (...points: readonly string[]): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[${points.join(",")}]}}]}]}]}`;

test("JSON of an attribute that is too large is refused as soon as that is clear", async () => {
  // What follows is no JSON: it would be told if it were read.
  const [begun] = gaugeOf(pointWith(nested(10_000))).split("]}}", 1);
  const body = Buffer.concat([Buffer.from(begun!), new Uint8Array(30 * 1024 * 1024)]);
  const attempts = [
    body,
    Buffer.from(gaugeOf(pointWith(`{"stringValue":"${"x".repeat(MAX_PART_BYTES + 1)}"}`))),
    Buffer.from(gaugeOf(pointWith(`{"stringValue":"${"\\n".repeat(MAX_PART_BYTES / 2)}"}`))),
    Buffer.from(`{"unknown":${nested(10_000)}}`),
    Buffer.from(`{"resourceMetrics":${" ".repeat(MAX_PART_BYTES + 1)}[]}`),
  ];
  for (const attempt of attempts) {
    expect(answered(await new Rig().receiver.receive("json", "", attempt))).toEqual(PART_TOO_LARGE);
  }
});

test.each(["refuse", "add up"] as const)(
  "attributes that are too large are refused in protobuf, wherever they are (deltas: %s)",
  async (deltas) => {
    const large = { key: "k", value: { stringValue: "x".repeat(MAX_PART_BYTES + 1) } };
    const manyValues = {
      key: "k",
      value: { arrayValue: { values: Array.from({ length: 10_001 }, () => ({ intValue: 1 })) } },
    };
    const exemplar = { timeUnixNano: "1", asDouble: 1, filteredAttributes: [large] };
    const messages = [
      request([gauge("a", { ...point(NOW, 1), attributes: [large] })]),
      request([gauge("a", { ...point(NOW, 1), exemplars: [exemplar] })]),
      request([gauge("a", { ...point(NOW, 1), attributes: [manyValues] })]),
      { resourceMetrics: [{ resource: { attributes: [large] }, scopeMetrics: [] }] },
      { resourceMetrics: [{ resource: { attributes: [manyValues] }, scopeMetrics: [] }] },
      { resourceMetrics: [{ scopeMetrics: [{ scope: { name: "s", attributes: [large] }, metrics: [] }] }] },
    ];
    for (const message of messages) {
      const rig = new Rig({}, { deltas });
      expect(answered(await rig.send(message))).toEqual(PART_TOO_LARGE);
      expect(rig.stored).toEqual({});
    }
  },
);

/** A message around the bytes of its innermost field: each is what field `number` of the one before holds. */
const within = (numbers: readonly number[], innermost: Uint8Array): Uint8Array => {
  const write = (out: WireWriter, [number, ...rest]: readonly number[]): void => {
    if (rest.length === 0) out.bytes(number!, innermost);
    else out.message(number!, () => write(out, rest));
  };
  const out = new WireWriter();
  write(out, numbers);
  return out.written;
};

/** A field of length 0, so often. */
const empty = (field: number, count: number): Uint8Array =>
  new Uint8Array(count * 2).map((_, i) => (i % 2 === 0 ? field * 8 + 2 : 0));

const [GAUGE, EXPONENTIAL, SUMMARY] = [5, 10, 11].map((field) => [1, 2, 2, field]);

test.each([
  ["resources", empty(1, 500_001), /more than 500000 resources, scopes and metrics/],
  ["scopes", within([1], empty(2, 500_001)), /more than 500000 resources, scopes and metrics/],
  ["metrics", within([1, 2], empty(2, 500_001)), /more than 500000 resources, scopes and metrics/],
  ["points", within(GAUGE!, empty(1, 2_000_001)), /more than 2000000 data points/],
  ["exemplars of a point", within([...GAUGE!, 1], empty(5, 10_001)), /10000 values/],
  ["quantiles of a point", within([...SUMMARY!, 1], empty(6, 10_001)), /10000 values/],
  ["buckets of a histogram", within([...EXPONENTIAL!, 1, 8, 2], new Uint8Array(1024 * 1024)), /1048576 bytes/],
])("a message of very many %s is refused", async (_what, message, problem) => {
  const rig = new Rig();
  const { status, problem: told } = await rig.receiver.receive("protobuf", "", message);
  expect([status, told]).toEqual([413, expect.stringMatching(problem)]);
  expect(rig.stored).toEqual({});
});

test("a histogram of too many bounds is refused", async () => {
  const rig = new Rig();
  const bounds = Array.from({ length: 10_001 }, (_, i) => i);
  const point = {
    timeUnixNano: `${NOW}000000`,
    count: 1,
    bucketCounts: [...bounds, 1].map(String),
    explicitBounds: bounds,
  };
  const histogram = { name: "h", histogram: { aggregationTemporality: 2, dataPoints: [point] } };
  expect(answered(await rig.send(request([histogram])))).toEqual([413, expect.stringMatching(/10000 values/)]);
});

test("a long resource on very many series makes no more labels than is bounded", async () => {
  const rig = new Rig();
  const points = Array.from({ length: 200 }, (_, i) => ({
    ...point(NOW, 1),
    attributes: [{ key: "i", value: { stringValue: `${i}` } }],
  }));
  const service = { key: "service.name", value: { stringValue: "x".repeat(1024 * 1024 - 100) } };
  const message = {
    resourceMetrics: [{ resource: { attributes: [service] }, scopeMetrics: [{ metrics: [gauge("a", ...points)] }] }],
  };
  expect(answered(await rig.send(message))).toEqual([413, expect.stringMatching(/send fewer series at once/)]);
  expect(rig.stored).toEqual({});
});

test.each([
  ["attributes as large as may be", gaugeOf(...Array.from({ length: 20 }, () => pointWith(nested(9000))))],
  ["fields that come again", `{${'"resourceMetrics":[],'.repeat(400_000)}"resourceMetrics":[]}`],
  ["a list of nothing", `{"resourceMetrics":[${"null,".repeat(2_000_000)}null]}`],
])("JSON with %s is read in steps that are short", (_, text) => {
  const body = Buffer.from(text);
  let pauses = 0;
  const steps = jsonToProtobuf(body);
  for (let step = steps.next(); step.done !== true; step = steps.next()) pauses++;
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(body.length / MAX_PART_BYTES) + 1);
});

test("JSON may be interrupted after each data point", () => {
  const message = request([gauge("a", ...Array.from({ length: 50 }, (_, i) => point(NOW + i, i)))]);
  const steps = jsonToProtobuf(Buffer.from(JSON.stringify(message)));
  let pauses = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) pauses++;
  expect(pauses).toBe(50);
  expect(step.value.length).toBeGreaterThanOrEqual(encoded(message).length);
});

test("JSON may be interrupted within the numbers of one data point", async () => {
  const counts = Array.from({ length: 5000 }, (_, i) => i % 7);
  const message = request([
    {
      name: "h",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            timeUnixNano: `${NOW}000000`,
            count: counts.reduce((sum, one) => sum + one, 0),
            sum: 5,
            bucketCounts: counts,
            explicitBounds: Array.from({ length: 4999 }, (_, i) => i / 8),
          },
        ],
      },
    },
  ]);
  const json = Buffer.from(JSON.stringify(message));
  let pauses = 0;
  for (const steps = jsonToProtobuf(json); steps.next().done !== true;) pauses++;
  expect(pauses).toBe(9);
  const [asJson, asProtobuf] = [new Rig(), new Rig()];
  expect(answered(await asJson.receiver.receive("json", "", json))).toEqual([200, ""]);
  expect(answered(await asProtobuf.send(message))).toEqual([200, ""]);
  expect(Object.keys(asJson.stored).length).toBeGreaterThan(5000);
  expect(asJson.stored).toEqual(asProtobuf.stored);
});

test("numbers of JSON with more digits than any fits are refused like others that are too large", async () => {
  const rig = new Rig();
  const answer = async (asInt: string): Promise<readonly [number, string]> => {
    const points = `{"dataPoints":[{"timeUnixNano":"${NOW}000000","asInt":${asInt}}]}`;
    const body = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":${points}}]}]}]}`;
    const [status, problem] = answered(await rig.receiver.receive("json", "", Buffer.from(body)));
    return [status as number, problem as string];
  };
  const long = "9".repeat(500_000);
  for (const digits of ["99999999999999999999", "999999999999999999999", long]) {
    const [status, problem] = await answer(digits);
    expect([status, problem.split(",")[0]]).toEqual([400, "readUint64: overflow"]);
  }
  for (const digits of ["9223372036854775808", "-9223372036854775809", long, `-${long}`]) {
    const [status, problem] = await answer(`"${digits}"`);
    expect([status, problem.startsWith("ReadInt64: strconv.ParseInt: parsing")]).toEqual([400, true]);
    expect(problem.includes(": value out of range")).toBe(true);
  }
  expect(await answer(`"-${"0".repeat(500_000)}42"`)).toEqual([200, ""]);
  expect(rig.stored).toEqual({ '{__name__="a"}': [-42] });
});

test("a resource is told beside its points, from the earliest to the latest", async () => {
  const rig = new Rig();
  const message = (from: number, to: number): OtlpObject =>
    request([gauge("a", point(from, 1, [text("x", "1")]), point(to, 2, [text("x", "2")]))], [text("host.name", "h")]);
  await rig.send(message(NOW, NOW + 400_000));
  const target = '{__name__="target_info", host_name="h", job="cart"}';
  expect(rig.stored[target]).toHaveLength(4);
  expect([...rig.storage.series.values()].at(-1)!.samples.timestamps.slice(0, 4)).toEqual(
    Float64Array.of(NOW, NOW + 150_000, NOW + 300_000, NOW + 400_000),
  );
  // What is told beside the points is left out where it is older than what is stored.
  const later = await rig.send(
    request([gauge("c", point(NOW + 300_000, 1)), gauge("c", point(NOW + 410_000, 1))], [text("host.name", "h")]),
  );
  expect(answered(later)).toEqual([200, ""]);
  expect(rig.stored[target]).toHaveLength(5);
});

test("exemplars belong to the sum, or to the bucket that they fall into", async () => {
  const rig = new Rig();
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
  const told = [...rig.storage.series.values()].flatMap(({ labels, exemplars: its }) =>
    its.map(({ labels: own, value }) => [labels.get("le"), own.toString(), value]),
  );
  expect(told).toEqual([
    ["1", '{span_id="b7ad6b7169203331", trace_id="0af7651916cd43dd8448eb211c80319c"}', 0.7],
    ["+Inf", "{}", 5],
  ]);
});

test("series are described, and get their type and unit as labels, where that is wanted", async () => {
  const rig = new Rig({}, { withMetadata: true, typeAndUnitLabels: true });
  await rig.send(request([{ ...sum("d", 2, point(NOW, 1)), unit: "By/s", description: "what it is" }]));
  const labels = '{__name__="d_bytes_per_second_total", __type__="counter", __unit__="bytes_per_second", job="cart"}';
  expect(rig.stored).toEqual({ [labels]: [1] });
  expect(rig.storage.metadata.map(({ metadata }) => metadata)).toEqual([
    { type: "counter", help: "what it is", unit: "bytes_per_second" },
  ]);
});

test("what is known is forgotten when half of it was silent for twenty minutes", async () => {
  const rig = new Rig();
  await rig.send(request([gauge("a", point(NOW, 1, [text("x", "1")]), point(NOW, 1, [text("x", "2")]))]));
  await rig.clock.advance(26 * 60_000);
  await rig.send(request([gauge("a", point(NOW + 1, 1, [text("x", "1")]))]));
  expect(rig.resolved).toBe(3);
  expect(rig.stored['{__name__="a", job="cart", x="1"}']).toEqual([1, 1]);
});

test("values that are nested without end are refused, whatever the format", async () => {
  const rig = new Rig();
  const levels = 100_000;
  const json = Buffer.from(`{"unknown":${"[".repeat(levels)}${"]".repeat(levels)}}`);
  const answer = await rig.receiver.receive("json", "", json);
  expect([answer.status, answer.problem]).toEqual([400, expect.stringContaining("exceeded max depth")]);
  const values = new WireWriter();
  values.string(1, "deep");
  let value = Buffer.from(values.written);
  for (let level = 0; level < 5000; level++) {
    const out = new WireWriter();
    out.bytes(level % 2 === 0 ? 1 : 5, value);
    value = Buffer.from(out.written);
  }
  const out = new WireWriter();
  // A resource's attribute.
  out.message(1, () => out.message(1, () => out.message(1, () => out.bytes(2, value))));
  expect(answered(await rig.receiver.receive("protobuf", "", out.written.slice()))).toEqual([
    400,
    "proto: exceeded max depth",
  ]);
});

test.each(["UnderscoreEscapingWithSuffixes", "NoTranslation"] as const)(
  "an attribute whose name is empty or no UTF-8 leaves its series out, though its value is empty: %s",
  async (translationStrategy) => {
    const rig = new Rig({ translationStrategy });
    const point = (attributes: string, i: number): string =>
      `{"timeUnixNano": "${NOW + i}000000", "asDouble": ${i}, "attributes": [${attributes}]}`;
    const points = ['{"value": {}}', '{"key": "", "value": {}}', '{"key": "empt\x98", "value": {}}', ""].map(point);
    const gauge = `{"name": "m", "gauge": {"dataPoints": [${points.join(", ")}]}}`;
    const message = `{"resourceMetrics": [{"scopeMetrics": [{"metrics": [${gauge}]}]}]}`;
    const { status } = await rig.receiver.receive("json", "", Buffer.from(message, "latin1"));
    expect(status).toBe(200);
    // Where names are escaped the one that is no UTF-8 becomes one that is.
    expect(Object.entries(rig.stored)).toEqual([
      ['{__name__="m"}', translationStrategy === "NoTranslation" ? [3] : [2, 3]],
    ]);
  },
);
