import { WireWriter } from "@narthex/bytes";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { OtlpObject } from "../testing/otlp-message.ts";
import { answered, encoded, gauge, NOW, OtlpRig, point, request, sum, text } from "../testing/otlp-rig.ts";
import { jsonToProtobuf } from "./message/json-message.ts";
import type { OtlpResult } from "./otlp-receiver.ts";
import { MAX_MESSAGE_BYTES, MAX_PART_BYTES } from "../message-limits.ts";

test.each([
  ["gzip", gzipSync(new Uint8Array(MAX_MESSAGE_BYTES + 1))],
  ["zstd", zstdCompressSync(new Uint8Array(MAX_MESSAGE_BYTES + 1))],
] as const)("a bomb of %s is not unpacked", async (compression, bomb) => {
  expect(bomb.length).toBeLessThan(100_000);
  expect(answered(await new OtlpRig().receiver.receive("protobuf", compression, bomb))).toEqual([
    413,
    "the message has more than 33554432 bytes; send fewer data points at once",
  ]);
});

const PART_TOO_LARGE = [413, expect.stringMatching(/attributes .* have more than 1048576 bytes or 10000 values/)];

/** Returns nested JSON lists. The innermost list has `numbers` elements. */
const nested = (numbers: number): string => {
  const list = (depth: number): string =>
    `{"arrayValue":{"values":[${depth === 0 ? '{"intValue":"7"},'.repeat(numbers).slice(0, -1) : list(depth - 1)}]}}`;
  return list(20);
};
const pointWith = (value: string): string =>
  `{"timeUnixNano":"1","asInt":"1","attributes":[{"key":"k","value":${value}}]}`;
const gaugeOf = (...points: readonly string[]): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[${points.join(",")}]}}]}]}]}`;

test("an attribute that is too large is refused in JSON as soon as its limit is exceeded", async () => {
  // Begins an OTLP body that continues with bytes that are not JSON. Reading these bytes would cause a different error.
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
    expect(answered(await new OtlpRig().receiver.receive("json", "", attempt))).toEqual(PART_TOO_LARGE);
  }
});

test.each(["refuse", "add up"] as const)(
  "attributes that are too large are refused in protobuf at any place (deltas: %s)",
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
      const rig = new OtlpRig({}, { deltas });
      expect(answered(await rig.send(message))).toEqual(PART_TOO_LARGE);
      expect(rig.stored).toEqual({});
    }
  },
);

/**
 * Encodes nested protobuf messages around the bytes of the innermost message. `numbers` are the field numbers, the
 * outermost first.
 */
const within = (numbers: readonly number[], innermost: Uint8Array): Uint8Array => {
  const write = (out: WireWriter, [number, ...rest]: readonly number[]): void => {
    if (rest.length === 0) out.bytes(number!, innermost);
    else out.message(number!, () => write(out, rest));
  };
  const out = new WireWriter();
  write(out, numbers);
  return out.written;
};

/** Encodes an empty protobuf field `count` times. */
const empty = (field: number, count: number): Uint8Array =>
  new Uint8Array(count * 2).map((_, i) => (i % 2 === 0 ? field * 8 + 2 : 0));

const repeated = (bytes: readonly number[], count: number): Uint8Array =>
  Uint8Array.from({ length: bytes.length * count }, (_, i) => bytes[i % bytes.length]!);

const [GAUGE, EXPONENTIAL, SUMMARY] = [5, 10, 11].map((field) => [1, 2, 2, field]);

/** Encodes a cumulative exponential histogram with the given data points. */
const cumulative = (points: Uint8Array): Uint8Array =>
  within(EXPONENTIAL!, Buffer.concat([points, Uint8Array.of(16, 2)]));

test.each([
  ["resources", empty(1, 500_001), /more than 500000 resources, scopes and metrics/],
  ["scopes", within([1], empty(2, 500_001)), /more than 500000 resources, scopes and metrics/],
  ["metrics", within([1, 2], empty(2, 500_001)), /more than 500000 resources, scopes and metrics/],
  ["points", within(GAUGE!, empty(1, 2_000_001)), /more than 2000000 data points/],
  ["exemplars of a point", within([...GAUGE!, 1], empty(5, 10_001)), /10000 values/],
  ["quantiles of a point", within([...SUMMARY!, 1], empty(6, 10_001)), /10000 values/],
  ["messages of a point's buckets", cumulative(within([1], repeated([66, 2, 16, 1], 10_001))), /10000 values/],
  ["counts of a point's buckets", cumulative(within([1, 8, 2], new Uint8Array(10_001))), /10000 values/],
  ["buckets of a histogram", within([...EXPONENTIAL!, 1, 8, 2], new Uint8Array(1024 * 1024)), /1048576 bytes/],
])("a message of very many %s is refused", async (_what, message, problem) => {
  const rig = new OtlpRig();
  const { status, problem: told } = await rig.receiver.receive("protobuf", "", message);
  expect([status, told]).toEqual([413, expect.stringMatching(problem)]);
  expect(rig.stored).toEqual({});
});

test("a histogram with too many bounds is refused", async () => {
  const rig = new OtlpRig();
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

test("the labels that a long resource gives to very many series are limited", async () => {
  const rig = new OtlpRig();
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

test("the total number of numbers in histograms is limited", async () => {
  const rig = new OtlpRig();
  const one = within([1, 8, 2], new Uint8Array(10_000).fill(1));
  const message = (points: number): Uint8Array => cumulative(Buffer.concat(Array.from({ length: points }, () => one)));
  const { status, problem } = await rig.receiver.receive("protobuf", "", message(1700));
  expect([status, problem]).toEqual([413, expect.stringMatching(/16777216 bytes of them/)]);
});

/** Invalid data points that follow valid points in a request: description, metric, and expected HTTP status. */
const REFUSED: readonly (readonly [string, OtlpObject, number])[] = [
  [
    "a point is too large",
    gauge("g", { ...point(NOW, 1), exemplars: Array.from({ length: 10_001 }, () => ({})) }),
    413,
  ],
  [
    "a summary has too many quantiles",
    { name: "s", summary: { dataPoints: [{ quantileValues: Array.from({ length: 10_001 }, () => ({})) }] } },
    413,
  ],
];

test.each(REFUSED)("sums of deltas include no point of a message in which %s", async (_what, metric, status) => {
  const rig = new OtlpRig({}, { deltas: "add up" });
  const deltas = [1, 2, 3].map((i) => point(NOW + i, i));
  await rig.send(request([sum("d", 1, point(NOW, 100))]));
  expect((await rig.send(request([sum("d", 1, ...deltas), sum("new", 1, ...deltas), metric]))).status).toBe(status);
  for (const delta of deltas) await rig.send(request([sum("d", 1, delta), sum("new", 1, delta)]));
  expect(rig.stored).toEqual({
    '{__name__="d_total", job="cart"}': [100, 101, 103, 106],
    '{__name__="new_total", job="cart"}': [1, 3, 6],
  });
});

test("sums of deltas count a point once if it is sent again in a smaller message after its labels exceeded the limit", async () => {
  const rig = new OtlpRig({}, { deltas: "add up" });
  const service = text("service.name", "x".repeat(1024 * 1024 - 100));
  const points = Array.from({ length: 200 }, (_, i) => point(NOW, i + 1, [text("i", `${i}`)]));
  const send = (dataPoints: readonly OtlpObject[]): Promise<OtlpResult> =>
    rig.send({
      resourceMetrics: [
        { resource: { attributes: [service] }, scopeMetrics: [{ metrics: [sum("d", 1, ...dataPoints)] }] },
      ],
    });
  expect((await send(points)).status).toBe(413);
  for (const from of [0, 100]) expect(answered(await send(points.slice(from, from + 100)))).toEqual([200, ""]);
  expect(Object.values(rig.stored)).toEqual(points.map((_, i) => [i + 1]));
});

test("sums of deltas include no point of a broken message, but those of a message with a refused value", async () => {
  const rig = new OtlpRig({}, { deltas: "add up" });
  await rig.send(request([sum("d", 1, point(NOW, 1)), gauge("a", point(NOW, 1))]));
  // A data point that ends in the middle of its attributes.
  const torn = within([...GAUGE!, 1], Uint8Array.of(58, 5));
  const body = Buffer.concat([encoded(request([sum("d", 1, point(NOW + 1, 10))])), torn]);
  expect(answered(await rig.receiver.receive("protobuf", "", body))).toEqual([400, "unexpected EOF"]);
  const late = await rig.send(request([gauge("a", point(NOW - 1, 1)), sum("d", 1, point(NOW + 2, 100))]));
  expect(answered(late)).toEqual([400, "out of order sample"]);
  await rig.send(request([sum("d", 1, point(NOW + 3, 1000))]));
  expect(rig.stored).toMatchObject({ '{__name__="d_total", job="cart"}': [1, 1101] });
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
  const [asJson, asProtobuf] = [new OtlpRig(), new OtlpRig()];
  expect(answered(await asJson.receiver.receive("json", "", json))).toEqual([200, ""]);
  expect(answered(await asProtobuf.send(message))).toEqual([200, ""]);
  expect(Object.keys(asJson.stored).length).toBeGreaterThan(5000);
  expect(asJson.stored).toEqual(asProtobuf.stored);
});

test("JSON numbers with more digits than any field are refused like other numbers that are too large", async () => {
  const rig = new OtlpRig();
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
test("values that are nested without end are refused in both formats", async () => {
  const rig = new OtlpRig();
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
  out.message(1, () => out.message(1, () => out.message(1, () => out.bytes(2, value))));
  expect(answered(await rig.receiver.receive("protobuf", "", out.written.slice()))).toEqual([
    400,
    "proto: exceeded max depth",
  ]);
});

const DIGITS = "1".repeat(MAX_PART_BYTES - 1000);

test.each([`"${DIGITS}x"`, `"${DIGITS}"`, `"1.${DIGITS}x"`, `${DIGITS}e`, `1.${DIGITS}e`])(
  "a long number is read in one pass: %#",
  async (value) => {
    const body = gaugeOf(`{"timeUnixNano":"1","asDouble":${value}}`);
    const [status, problem] = answered(await new OtlpRig().receiver.receive("json", "", Buffer.from(body)));
    expect([status, /invalid syntax|value out of range/.test(String(problem))]).toEqual([400, true]);
  },
);
