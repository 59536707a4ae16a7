import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { WireWriter } from "@narthex/bytes";
import { type OtlpObject, writeOtlpRequest } from "@narthex/remote/testing";
import { rounds, scale } from "./flags.ts";
import { type IngestSide, ingestInTurns } from "./ingest-in-turns.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { prometheusVersion } from "./servers.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const SCALE = scale();
const WARM_REQUESTS = 6;
const REQUESTS = Math.max(2, Math.round(30 * SCALE));
const RESOURCES = 20;
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Shape {
  readonly what: string;
  readonly points: number;
  /**
   * Number of series to which the server writes one data point. A histogram has a series for each bucket, and a few
   * more.
   */
  readonly width: number;
  readonly metric: (number: number, points: (make: (point: number) => OtlpObject) => OtlpObject[]) => OtlpObject;
}

const SHAPES: readonly Shape[] = [
  {
    what: "10,000 sums and gauges a request",
    points: 10_000,
    width: 1,
    metric(number, points) {
      const dataPoints = points((point) => ({ asDouble: number + point / 8 }));
      const name = `http.server.metric_${number}`;
      if (number % 3 === 0) return { name, unit: "By", gauge: { dataPoints } };
      return { name, unit: "1", sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } };
    },
  },
  {
    what: "1,000 histograms of 12 buckets a request",
    points: 1000,
    width: BOUNDS.length + 3,
    metric(number, points) {
      const dataPoints = points((point) => ({
        count: String(12 * (number + point)),
        sum: number / 8,
        bucketCounts: Array.from({ length: BOUNDS.length + 1 }, () => String(number + point)),
        explicitBounds: BOUNDS,
      }));
      return {
        name: `http.server.duration_${number}`,
        unit: "s",
        histogram: { dataPoints, aggregationTemporality: 2 },
      };
    },
  },
];

/** Sends OTLP metrics to each server in turns, with the same requests. Measures the CPU time per sample. */
export const otlpCase: BenchCase = {
  name: "otlp-in",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    for (const shape of SHAPES) figures.push(...(await measure(shape)));
    return {
      setting:
        `OTLP, protobuf, ${REQUESTS} requests a round after ${WARM_REQUESTS}, ${RESOURCES} resources, ` +
        `5 attributes a point; ${takesOtlp() ? prometheusVersion() : "the Prometheus here has no OTLP receiver"}`,
      figures,
    };
  },
};

/** Reports whether the installed Prometheus has an OTLP receiver; some packages are built without OTLP. */
function takesOtlp(): boolean {
  const command = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
  return execFileSync(command, ["--help"], { encoding: "utf8" }).includes("web.enable-otlp-receiver");
}

const measure = (shape: Shape): Promise<Figure[]> =>
  ingestInTurns({
    what: shape.what,
    flags: ["--web.enable-otlp-receiver"],
    accepts: (name) => name !== "Prometheus" || takesOtlp(),
    rounds: ROUNDS,
    samples: REQUESTS * shape.points * shape.width,
    async warm(side) {
      for (let i = 0; i < WARM_REQUESTS; i++) await send(side, shape);
    },
    async round(side) {
      for (let i = 0; i < REQUESTS; i++) await send(side, shape);
    },
  });

const text = (key: string, value: string): OtlpObject => ({ key, value: { stringValue: value } });

function bodyOf(shape: Shape, time: number): Uint8Array {
  const perMetric = 10;
  const metrics = shape.points / RESOURCES / perMetric;
  const dataPoints = (make: (point: number) => OtlpObject): OtlpObject[] =>
    Array.from({ length: perMetric }, (_, point) => ({
      startTimeUnixNano: "1700000000000000000",
      timeUnixNano: `${time}000000`,
      attributes: [
        text("http.request.method", "GET"),
        text("http.response.status_code", String(200 + (point % 5))),
        text("http.route", `/api/v1/resource/${point}`),
        text("server.address", "gateway.shop.svc"),
        text("url.scheme", "https"),
      ],
      ...make(point),
    }));
  const out = new WireWriter(1 << 22);
  writeOtlpRequest(out, {
    resourceMetrics: Array.from({ length: RESOURCES }, (_, resource) => ({
      resource: {
        attributes: [
          text("service.name", "gateway"),
          text("service.namespace", "shop"),
          text("service.instance.id", `gateway-6f7d8c9b5-${resource}`),
          text("k8s.node.name", "node-17"),
        ],
      },
      scopeMetrics: [
        {
          scope: { name: "http", version: "1.2.3" },
          metrics: Array.from({ length: metrics }, (_, number) => shape.metric(number, dataPoints)),
        },
      ],
    })),
  });
  return out.written.slice();
}

async function send(side: IngestSide, shape: Shape): Promise<void> {
  const path = side.name === "VictoriaMetrics" ? "/opentelemetry/v1/metrics" : "/api/v1/otlp/v1/metrics";
  const body = bodyOf(shape, Date.now() - 3_000_000 + side.sent++ * 1000);
  await new Promise<void>((resolve, reject) => {
    const headers = { "content-type": "application/x-protobuf", "content-length": body.length };
    const sent = request(`${side.server.base}${path}`, { method: "POST", agent: side.agent, headers }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${side.name}: status ${response.statusCode}`));
      });
    });
    sent.on("error", reject).end(body);
  });
}
