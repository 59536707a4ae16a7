import { WireWriter } from "@narthex/bytes";
import { expect, test } from "vitest";
import { type OtlpObject, writeOtlpRequest } from "../testing/otlp-message.ts";
import { answered, at, encoded, gauge, NOW, OtlpRig, point, request, sum, text } from "../testing/otlp-rig.ts";

const attributes: readonly OtlpObject[] = [
  text("text", "t"),
  { key: "bool", value: { boolValue: true } },
  { key: "int", value: { intValue: "-5" } },
  { key: "double", value: { doubleValue: 1e21 } },
  { key: "bytes", value: { bytesValue: "AQI=" } },
  { key: "list", value: { arrayValue: { values: [{ intValue: "1" }, { stringValue: '"<' }] } } },
  { key: "map", value: { kvlistValue: { values: [text("b", "2"), { key: "a", value: { doubleValue: 0.5 } }] } } },
];
const exemplars = [
  {
    timeUnixNano: at(NOW),
    asDouble: 0.5,
    spanId: "b7ad6b7169203331",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    filteredAttributes: [text("user", "u")],
  },
];
const common = { timeUnixNano: at(NOW), startTimeUnixNano: at(NOW - 1000), attributes, count: "6", sum: 7 };
const side = { offset: 1, bucketCounts: ["1", "2"] };

const EVERYTHING = request(
  [
    { ...gauge("g", point(NOW, 1, attributes)), unit: "By", description: "d" },
    sum("s", 2, { timeUnixNano: at(NOW), asInt: "-3", exemplars, flags: 0 }),
    {
      name: "h",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ ...common, bucketCounts: ["1", "2", "3"], explicitBounds: [1, 2], min: 0, max: 3, exemplars }],
      },
    },
    {
      name: "e",
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          { ...common, scale: 1, zeroCount: "0", positive: side, negative: side, min: 0, max: 3, exemplars },
        ],
      },
    },
    { name: "q", summary: { dataPoints: [{ ...common, quantileValues: [{ quantile: 0.5, value: 2 }] }] } },
  ],
  [text("host.name", "h")],
);

const CONFIG = { promoteScopeMetadata: true };

async function storedBy(send: (rig: OtlpRig) => Promise<unknown>): Promise<unknown> {
  const rig = new OtlpRig(CONFIG, { withMetadata: true });
  await send(rig);
  const exemplarsOf = [...rig.storage.series.values()].map((series) => [String(series.labels), series.exemplars]);
  return { stored: rig.stored, exemplars: exemplarsOf, metadata: rig.storage.metadata };
}

/** Returns a JSON message in which each object also has an unknown field. */
const withUnknown = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withUnknown)
    : typeof value === "object" && value !== null
      ? {
          ...Object.fromEntries(Object.entries(value).map(([key, own]) => [key, withUnknown(own)])),
          unknown: [{ a: null }],
        }
      : value;

test.each<[string, (rig: OtlpRig) => Promise<unknown>]>([
  [
    "protobuf with unknown fields in all messages",
    (rig) => {
      const out = new WireWriter();
      writeOtlpRequest(out, EVERYTHING, () => {
        out.string(99, "unknown");
        out.uint64(98, 5);
      });
      return rig.receiver.receive("protobuf", "", out.written.slice());
    },
  ],
  ["JSON", (rig) => rig.receiver.receive("json", "", Buffer.from(JSON.stringify(EVERYTHING)))],
  [
    "JSON with unknown fields in all objects",
    (rig) => rig.receiver.receive("json", "", Buffer.from(JSON.stringify(withUnknown(EVERYTHING)))),
  ],
  [
    "JSON with names in snake case",
    (rig) =>
      rig.receiver.receive(
        "json",
        "",
        Buffer.from(
          JSON.stringify(EVERYTHING).replaceAll(
            /"(\w+)":/g,
            (_, name: string) => `"${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`,
          ),
        ),
      ),
  ],
])("points of all kinds are stored in the same way from %s", async (_, send) => {
  const expected = await storedBy((rig) => rig.send(EVERYTHING));
  expect(await storedBy(send)).toEqual(expected);
  expect(Object.keys((expected as { stored: object }).stored)).toHaveLength(12);
});

test("values of attributes become texts", async () => {
  const rig = new OtlpRig();
  await rig.send(request([gauge("g", point(NOW, 1, attributes))]));
  expect(Object.keys(rig.stored)).toEqual([
    '{__name__="g", bool="true", bytes="AQI=", double="1e+21", int="-5", job="cart", list="[1,\\"\\\\\\"\\\\u003c\\"]", map="{\\"a\\":0.5,\\"b\\":\\"2\\"}", text="t"}',
  ]);
});

const send = async (metrics: readonly OtlpObject[], format: "json" | "protobuf" = "protobuf"): Promise<unknown> => {
  const message = request(metrics);
  const body = format === "json" ? Buffer.from(JSON.stringify(message)) : encoded(message);
  const { warnings, leftOut, status } = await new OtlpRig().receiver.receive(format, "", body);
  return [status, Object.fromEntries(warnings), leftOut];
};

const native = (own: OtlpObject): OtlpObject => ({
  name: "e",
  exponentialHistogram: { aggregationTemporality: 2, dataPoints: [{ timeUnixNano: at(NOW), scale: 0, ...own }] },
});

test.each<[string, OtlpObject[], unknown]>([
  ["no points", [gauge("g"), gauge("k")], [200, { empty_data_points: 2 }, []]],
  [
    "two attributes of one name",
    [gauge("g", point(NOW, 1, [text("a.b", "1"), text("a_b", "2")]))],
    [200, { label_name_collision: 1 }, []],
  ],
  ["a sum without observations", [native({ count: "0", sum: 1 })], [200, { histogram_zero_count_non_zero_sum: 1 }, []]],
  ["neither observations nor a sum", [native({ count: "0", sum: 0 })], [200, {}, []]],
  ["a stale sum without observations", [native({ count: "0", sum: 1, flags: 1 })], [200, {}, []]],
  [
    "a scale that is too small",
    [native({ count: "0", scale: -5 })],
    [200, {}, ["cannot convert exponential to native histogram. Scale must be >= -4, was -5"]],
  ],
  ["the smallest scale", [native({ count: "0", scale: -4 })], [200, {}, []]],
  [
    "an exemplar without a value",
    [sum("s", 2, { ...point(NOW, 1), exemplars: [{ timeUnixNano: at(NOW) }] })],
    [200, {}, ["unsupported exemplar value type: Empty"]],
  ],
  [
    "an exemplar without a value in a histogram",
    [native({ count: "0", exemplars: [{ timeUnixNano: at(NOW) }] })],
    [200, {}, ["unsupported exemplar value type: Empty"]],
  ],
  [
    "an exemplar without a value in a gauge",
    [gauge("g", { ...point(NOW, 1), exemplars: [{ timeUnixNano: at(NOW) }] })],
    [200, {}, []],
  ],
  [
    "no kind",
    [{ name: "n" }],
    [200, {}, ["could not get aggregation temporality for n as it has unsupported metric type Empty"]],
  ],
  [
    "an unknown temporality",
    [sum("s", 0, point(NOW, 1))],
    [200, {}, ['invalid temporality and type combination for metric "s"']],
  ],
])("a request with %s is answered with what was left out and warnings", async (_, metrics, expected) => {
  expect(await send(metrics)).toEqual(expected);
  expect(await send(metrics, "json")).toEqual(expected);
});

test("each series is resolved once, whatever scopes and families are between its points", async () => {
  const rig = new OtlpRig(CONFIG);
  const scopes = ["a", "b"].map((name) => ({
    scope: { name },
    metrics: [gauge("g", point(NOW, 1)), sum("s", 2, point(NOW, 1))],
  }));
  const message = {
    resourceMetrics: ["x", "y"].map((job) => ({
      resource: { attributes: [text("service.name", job)] },
      scopeMetrics: scopes,
    })),
  };
  for (let time = 0; time < 3; time++) await rig.send(message);
  expect(rig.resolved).toBe(8);
  expect(Object.keys(rig.stored)).toHaveLength(8);
});

test("a request with very many points, resources, scopes and metrics is stored, and its series are recognised in the next request", async () => {
  const rig = new OtlpRig(CONFIG);
  const many = Array.from({ length: 600 }, (_, i) => ({
    resource: { attributes: [text("service.name", `s${i}`), text("host.name", "h")] },
    scopeMetrics: [{ scope: { name: `n${i}` }, metrics: [gauge(`g${i}`, point(NOW, i, [text("i", String(i))]))] }],
  }));
  for (let time = 0; time < 2; time++) expect(answered(await rig.send({ resourceMetrics: many }))).toEqual([200, ""]);
  expect(rig.resolved).toBe(1200);
  expect(rig.stored['{__name__="g599", i="599", job="s599", otel_scope_name="n599"}']).toEqual([599]);
});

test.each<[OtlpObject, number, string]>([
  [{ asInt: "x" }, 400, 'ReadInt64: strconv.ParseInt: parsing "x": invalid syntax'],
  [{ asInt: "+5" }, 200, ""],
  [
    { asInt: "9223372036854775808" },
    400,
    'ReadInt64: strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  [{ asInt: "-0009223372036854775808" }, 200, ""],
  [{ asInt: true }, 400, "ReadInt64: unsupported value type"],
  [{ asDouble: "Inf" }, 200, ""],
  [{ asDouble: "1e999" }, 400, 'ReadUint64: strconv.ParseFloat: parsing "1e999": value out of range'],
  [{ asDouble: "x" }, 400, 'ReadUint64: strconv.ParseFloat: parsing "x": invalid syntax'],
  [{ asDouble: true }, 400, "ReadUint64: unsupported value type"],
  [{ timeUnixNano: "-1" }, 400, 'ReadUint64: strconv.ParseUint: parsing "-1": invalid syntax'],
  [{ flags: "4294967296" }, 400, 'ReadUint32: strconv.ParseUint: parsing "4294967296": value out of range'],
  [{ flags: "4294967295" }, 200, ""],
  [
    { attributes: [{ key: "a", value: { bytesValue: "A" } }] },
    400,
    "bytesValue: base64 decode:illegal base64 data at input byte 0",
  ],
  [
    { attributes: [{ key: "a", value: { bytesValue: "AAAA?" } }] },
    400,
    "bytesValue: base64 decode:illegal base64 data at input byte 4",
  ],
  [{ attributes: [{ key: "a", value: { bytesValue: "AA\n==" } }] }, 200, ""],
  [{ exemplars: [{ asInt: "1", spanId: "" }] }, 200, ""],
])("JSON of a point with %o is answered with %i", async (own, status, problem) => {
  const message = request([sum("s", 2, { timeUnixNano: at(NOW), ...own })]);
  const result = await new OtlpRig().receiver.receive("json", "", Buffer.from(JSON.stringify(message)));
  expect([result.status, result.problem.replace(/, error found.*/s, "").replace(/^.*?: (?=Read|bytes)/, "")]).toEqual([
    status,
    problem,
  ]);
});

test.each([
  ["AGGREGATION_TEMPORALITY_CUMULATIVE", 200, 0],
  ["AGGREGATION_TEMPORALITY_DELTA", 200, 1],
  ["CUMULATIVE", 400, 0],
  [2, 200, 0],
  [1, 200, 1],
  [true, 400, 0],
])("JSON of a sum with the temporality %s is answered with %i", async (aggregationTemporality, status, left) => {
  const message = request([{ name: "s", sum: { dataPoints: [point(NOW, 1)], aggregationTemporality } }]);
  const result = await new OtlpRig().receiver.receive("json", "", Buffer.from(JSON.stringify(message)));
  expect([result.status, result.leftOut.length]).toEqual([status, left]);
});
