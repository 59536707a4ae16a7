import { OTLPMetricExporter as JsonExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AggregationType,
  type MeterProviderOptions,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { instant } from "../../support/query.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const PATH = "/api/v1/otlp/v1/metrics";
const CONFIG = "otlp: {promote_resource_attributes: [deployment.environment.name]}\n";

let workplace: Workplace;
let server: Served;
beforeAll(async () => {
  workplace = new Workplace();
  server = await serve("narthex", workplace, "ours", { config: CONFIG, flags: ["--web.enable-otlp-receiver"] });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

/** Exports the metrics of a simulated program over OTLP, then shuts the program down. */
async function exported(service: string, exporter: JsonExporter | ProtobufExporter): Promise<void> {
  const options: MeterProviderOptions = {
    resource: resourceFromAttributes({
      "service.name": service,
      "service.instance.id": "one",
      "deployment.environment.name": "test",
    }),
    readers: [new PeriodicExportingMetricReader({ exporter })],
    views: [
      {
        instrumentName: "spread",
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 10 } },
      },
    ],
  };
  const provider = new MeterProvider(options);
  const meter = provider.getMeter("shop");
  meter.createCounter("orders", { unit: "{orders}" }).add(3, { "payment.method": "card" });
  meter.createUpDownCounter("carts.open").add(-2);
  meter.createHistogram("wait", { unit: "s", advice: { explicitBucketBoundaries: [0.5, 1] } }).record(0.75);
  meter.createHistogram("spread").record(4);
  meter.createObservableGauge("heap", { unit: "By" }).addCallback((result) => result.observe(1024));
  await provider.shutdown();
}

test.each([
  ["protobuf", (url: string) => new ProtobufExporter({ url })],
  ["JSON, packed", (url: string) => new JsonExporter({ url, compression: "gzip" as never })],
] as const)("what the OpenTelemetry SDK exports as %s can be queried", async (format, exporterTo) => {
  const service = format.replaceAll(/\W/g, "");
  await exported(service, exporterTo(server.base + PATH));
  const found = await instant(server.base, `{job="${service}", __name__!="target_info"}`);
  const samples = found
    .filter(({ value }) => value !== undefined)
    .map(({ metric: { __name__: name, ...labels }, value }) => [name, labels, value[1]]);
  const common = { job: service, instance: "one", deployment_environment_name: "test" };
  expect(samples.toSorted()).toEqual(
    [
      ["carts_open", common, "-2"],
      ["heap_bytes", common, "1024"],
      ["orders_total", { ...common, payment_method: "card" }, "3"],
      ["wait_seconds_bucket", { ...common, le: "+Inf" }, "1"],
      ["wait_seconds_bucket", { ...common, le: "0.5" }, "0"],
      ["wait_seconds_bucket", { ...common, le: "1" }, "1"],
      ["wait_seconds_count", common, "1"],
      ["wait_seconds_sum", common, "0.75"],
    ].toSorted(),
  );
  const [spread] = await instant(server.base, `histogram_count(spread{job="${service}"})`);
  expect(spread?.value[1]).toBe("1");
  const joined = await instant(server.base, `count by (telemetry_sdk_language) (target_info{job="${service}"})`);
  expect(joined).toHaveLength(1);
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function post(headers: Readonly<Record<string, string>>, body: Uint8Array | string): Promise<Answer> {
  const response = await fetch(server.base + PATH, { method: "POST", headers, body: Buffer.from(body) });
  return { status: response.status, body: await response.text() };
}

const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };

test("requests with a wrong type or encoding are answered as Prometheus answers them", async () => {
  const supported = "supported: [application/json, application/x-protobuf]";
  const refused = (body: string): Answer => ({ status: 400, body: `${body}\n` });
  expect(await post({ "content-type": "text/plain" }, "")).toEqual(
    refused(`unsupported content type: text/plain, ${supported}`),
  );
  expect(await post({ "content-type": "application/json; charset=utf-8" }, "{}")).toEqual(
    refused(`unsupported content type: application/json; charset=utf-8, ${supported}`),
  );
  // Prometheus does not accept zstd.
  expect(await post({ ...PROTOBUF, "content-encoding": "deflate" }, "")).toEqual(
    refused('unsupported compression: deflate. Only "gzip", "zstd" or no compression supported'),
  );
  expect(await post({ ...JSON_TYPE, "content-encoding": "zstd" }, zstdCompressSync("{}"))).toEqual({
    status: 200,
    body: "",
  });
  expect(await post({ ...PROTOBUF, "content-encoding": "gzip" }, "no")).toEqual(refused("unexpected EOF"));
  expect(await post({ ...PROTOBUF, "content-encoding": "gzip" }, "not packed")).toEqual(
    refused("gzip: invalid header"),
  );
  expect(await post(PROTOBUF, Uint8Array.of(8, 1))).toEqual(
    refused("proto: wrong wireType = 0 for field ResourceMetrics"),
  );
  expect(await post(PROTOBUF, "")).toEqual({ status: 200, body: "" });
  expect(await post(JSON_TYPE, "{}")).toEqual({ status: 200, body: "" });
});

test("a small body that decompresses to more than the limit of a message is refused", async () => {
  const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024));
  expect(gunzipSync(bomb)).toHaveLength(64 * 1024 * 1024);
  const answer = await post({ ...PROTOBUF, "content-encoding": "gzip" }, bomb);
  expect(answer).toEqual({
    status: 413,
    body: "the message has more than 33554432 bytes; send fewer data points at once\n",
  });
});

test("skipped data is counted, and the receiver is among the features", async () => {
  const empty = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: "none", gauge: {} }] }] }] };
  expect(await post(JSON_TYPE, JSON.stringify(empty))).toEqual({ status: 200, body: "" });
  const page = await (await fetch(`${server.base}/metrics`)).text();
  expect(page).toContain('prometheus_api_otlp_translation_warnings_total{category="empty_data_points"} 1');
  expect(page).toContain("prometheus_api_otlp_out_of_order_exemplars_total 0");
  const { data } = (await (await fetch(`${server.base}/api/v1/features`)).json()) as {
    data: Readonly<Record<string, unknown>>;
  };
  expect(data["api"]).toMatchObject({ otlp_write_receiver: true });
  expect(data["otlp_receiver"]).toEqual({ delta_conversion: false, native_delta_ingestion: false });
});
