import { cpSync } from "node:fs";
import { request } from "node:http";
import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { afterAll, beforeAll, test } from "vitest";
import { Random } from "../../../support/random.ts";
import { eventually } from "../../../support/eventually.ts";
import { KnownDifferences } from "../../../support/known-differences.ts";
import { api } from "../../../support/query.ts";
import { lacks } from "../../../support/requirements.ts";
import { serve, type Served } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";
import { type Answer, type AnswerDifference, comparable, KNOWN } from "./answer-comparison.ts";
import { type DrawnRequest, RequestGenerator } from "./drawn-requests.ts";
import { DATA_END, DATA_START, writeStoredData } from "./stored-data.ts";

const absent = lacks("peers");
const SEED = testSeed();
const REQUESTS = Number(process.env["NARTHEX_REQUESTS"] ?? testCases(150, 400));

/** Minimum shares of responses with each HTTP status among the random requests. */
const CONTENTS = { "status 200": 0.3, "status 400": 0.3 };

const RULES = `groups:
- name: one
  rules:
  - {record: 'job:requests:sum', expr: sum by (job) (requests_total), labels: {level: job}}
  - {alert: Cold, expr: temperature < 0, for: 1h, labels: {severity: page}, annotations: {summary: 'at {{ $value }} <&>'}}
- name: two
  interval: 2d
  limit: 5
  query_offset: 1m
  rules:
  - {alert: Hot, expr: 'temperature > 30', keep_firing_for: 5m, labels: {a: '{{ $labels.room }}'}}
`;

/** Returns a configuration with such long intervals that the server scrapes and evaluates nothing during the test. */
const config = (rules: string): string => `global:
  scrape_interval: 1d
  evaluation_interval: 1d
  external_labels: {cluster: 'lab<1>'}
rule_files: ['${rules}']
scrape_configs:
- job_name: t
  static_configs: [{targets: ['127.0.0.1:1', 'b<c>:1'], labels: {zone: z}}]
  relabel_configs: [{source_labels: [__address__], regex: 'dropped.*', action: drop}]
- job_name: other
  basic_auth: {username: u, password: p}
  static_configs: [{targets: ['dropped:1', 'localhost:1']}]
  relabel_configs: [{source_labels: [__address__], regex: 'dropped.*', action: drop}]
`;

const workplace = new Workplace();
const servers: Served[] = [];

beforeAll(async () => {
  if (absent) return;
  await writeStoredData(workplace.path("ours"));
  cpSync(workplace.path("ours"), workplace.path("theirs"), { recursive: true });
  const settings = {
    config: config(workplace.write("rules.yml", RULES)),
    flags: ["--web.cors.origin=https?://(example.org|a.b:.*)", `--web.console.templates=${workplace.path("consoles")}`],
  };
  servers.push(
    ...(await Promise.all([
      serve("prometheus", workplace, "theirs", settings),
      serve("narthex", workplace, "ours", settings),
    ])),
  );
  for (const { base } of servers)
    await eventually("targets are found", async () => {
      const { activeTargets } = await api<{ activeTargets: unknown[] }>(base, "targets");
      if (activeTargets.length !== 3) throw new Error(`${activeTargets.length} of 3`);
    });
});

afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gunzipSync(bytes),
  // Accepts both forms of "deflate": the specification requires a zlib stream, but some servers send a raw deflate
  // stream.
  deflate: (bytes) => ((bytes[0]! & 15) === 8 ? inflateSync(bytes) : inflateRawSync(bytes)),
};

/** Sends a request. Resolves with the answer, decompressed. */
function send({ base }: Served, { method, path, headers, body }: DrawnRequest): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const length = body === undefined ? {} : { "content-length": body.length };
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { ...headers, ...length }, agent: false });
    sent
      .on("error", (error) => resolve({ status: 0, headers: {}, text: error.message }))
      .on("response", (response) => {
        response.toArray().then((chunks: Buffer[]) => {
          const bytes = Buffer.concat(chunks);
          const decode = DECODERS[response.headers["content-encoding"] ?? ""];
          const text = (decode === undefined || bytes.length === 0 ? bytes : decode(bytes)).toString("utf8");
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text: text.replaceAll(workplace.folder, "FOLDER"),
          });
        }, reject);
      });
    sent.end(body);
  });
}

test.skipIf(absent)(
  `random requests, valid, unusual and malformed, are answered as by Prometheus (seed ${SEED})`,
  async () => {
    const generator = new RequestGenerator(new Random(SEED), DATA_START / 1000, DATA_END / 1000);
    const known = new KnownDifferences<AnswerDifference>("api differential", KNOWN, CONTENTS);
    const failures: string[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      const drawn = generator.next();
      // oxlint-disable-next-line no-await-in-loop -- one request at a time, at both servers
      const [theirs, ours] = await Promise.all(servers.map((server) => send(server, drawn)));
      const [a, b] = [comparable(drawn, theirs!), comparable(drawn, ours!)];
      const difference = { request: drawn, theirs: theirs!, ours: ours! };
      for (const _ of known.compare(a === b ? [] : [difference], [`status ${theirs!.status}`]))
        failures.push(`${shown(drawn)}\n  theirs ${a}\n  ours   ${b}`);
    }
    known.end(failures);
  },
  Math.max(120_000, REQUESTS * 100),
);

const shown = ({ method, path, headers, body }: DrawnRequest): string =>
  `${method} ${path} ${JSON.stringify(headers)} ${body === undefined ? "" : JSON.stringify(body.toString())}`;
