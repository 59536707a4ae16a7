import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type MetricFamily, writeProtobuf } from "@narthex/exposition";
import { histogramOf } from "@narthex/storage/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { untilQuery } from "../../support/query.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { narthex, Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const absent = lacks("peers");
const cleanups: (() => Promise<unknown> | void)[] = [];
let ours: string;
let theirs: string;

/**
 * Timestamp of all samples that the scrape target exposes. The timestamp is explicit, so that both servers store the
 * same samples.
 */
const timestampMs = Math.floor(Date.now() / 1000) * 1000;
const float = (value: number, ...labels: string[]) => ({ suffix: "", labels, value, timestampMs });

const integer = histogramOf(4, { schema: 2 });
const halves = {
  ...histogramOf(3),
  negativeSpans: [
    { offset: -2, length: 1 },
    { offset: 3, length: 1 },
  ],
  negativeBuckets: Float64Array.of(1.5, 0.25),
  integer: false,
};

const FAMILIES: readonly MetricFamily[] = [
  {
    name: "requests_total",
    help: "Requests.",
    type: "counter",
    samples: [float(3, "code", "500"), float(1e21, "code", "200"), float(4, "code", "200", "zone", "z")],
  },
  { name: "odd.name", help: "Odd.", type: "gauge", samples: [float(-3.5e-7, "odd.label", 'a"\\\n')] },
  {
    name: "mixed",
    help: "Of both kinds.",
    type: "histogram",
    samples: [{ suffix: "", labels: ["n", "1"], value: 0, timestampMs, histogram: integer }],
  },
  {
    name: "sizes",
    help: "Sizes.",
    type: "gaugehistogram",
    samples: [{ suffix: "", labels: ["n", "2"], value: 0, timestampMs, histogram: halves }],
  },
  { name: "cluster_known", help: "With a label of its own.", type: "gauge", samples: [float(1, "cluster", "own")] },
];

beforeAll(async () => {
  if (absent) return;
  const workplace = new Workplace();
  const page = writeProtobuf(FAMILIES);
  const type = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
  const server = createServer((_request, response) => response.writeHead(200, { "content-type": type }).end(page));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  // Returns the configuration. `more` turns on native histograms for our server; Prometheus has a command-line flag for
  // them.
  const configuration = (more: string): string =>
    [
      `global: {scrape_interval: 1s, scrape_timeout: 1s, external_labels: {cluster: lab, replica: r1}${more}}`,
      "scrape_configs:",
      "- job_name: t",
      "  scrape_protocols: [PrometheusProto]",
      "  honor_labels: true",
      `  static_configs: [{targets: ['127.0.0.1:${port}'], labels: {instance: here}}]`,
      "- job_name: without_instance",
      "  scrape_protocols: [PrometheusProto]",
      "  metric_relabel_configs: [{action: labeldrop, regex: instance}]",
      `  static_configs: [{targets: ['127.0.0.1:${port}']}]`,
      "",
    ].join("\n");
  workplace.write("ours.yml", configuration(", scrape_native_histograms: true"));
  workplace.write("theirs.yml", configuration(""));
  const flags = (own: number, name: string) => [
    `--config.file=${workplace.path(`${name}.yml`)}`,
    `--storage.tsdb.path=${workplace.path(name)}`,
    `--web.listen-address=127.0.0.1:${own}`,
  ];
  const [a, b] = await Promise.all([freePort(), freePort()]);
  const own = narthex(["server", ...flags(a, "ours")]);
  const peer = new Running(join(peers, "prometheus"), [...flags(b, "theirs"), "--enable-feature=native-histograms"]);
  cleanups.push(
    () => own[Symbol.asyncDispose](),
    () => peer[Symbol.asyncDispose](),
    () => server.closeAllConnections(),
    () => void server.close(),
    () => workplace[Symbol.dispose](),
  );
  ours = `http://127.0.0.1:${a}`;
  theirs = `http://127.0.0.1:${b}`;
  for (const base of [ours, theirs])
    await untilQuery(base, 'count({__name__=~"cluster_known|sizes"})', (result) => result[0]?.value[1] === "4");
});

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

const PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

const ACCEPTS = [
  "",
  "text/plain;version=0.0.4;escaping=allow-utf-8",
  "text/plain;version=0.0.4;escaping=dots",
  PROTOBUF,
  `${PROTOBUF};escaping=allow-utf-8,text/plain;q=0.5`,
  `application/openmetrics-text;version=1.0.0,${PROTOBUF};q=0.1`,
];

const EVERY = '{__name__=~"requests_total|odd.name|mixed|sizes|cluster_known"}';

const SELECTIONS: readonly (readonly string[])[] = [
  [EVERY],
  ["requests_total", "requests_total{code='200'}", "cluster_known", '{"odd.name"}'],
  ["mixed", EVERY, "sizes"],
  ["nothing"],
  ["requests_total{"],
  ["mixed"],
];

test.skipIf(absent).each(ACCEPTS)("federation with Accept %j returns Prometheus' bytes", async (accept) => {
  for (const match of SELECTIONS) {
    const query = new URLSearchParams(match.map((text): [string, string] => ["match[]", text])).toString();
    const [own, peer] = await Promise.all(
      [ours, theirs].map(async (base) => {
        const response = await fetch(`${base}/federate?${query}`, { headers: accept === "" ? {} : { accept } });
        const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
        return { status: response.status, type: response.headers.get("content-type"), body };
      }),
    );
    expect(own, match.join()).toEqual(peer);
    if (match[0] === EVERY) expect(own!.body).toContain("requests_total");
  }
});
