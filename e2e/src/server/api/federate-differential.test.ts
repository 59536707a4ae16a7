import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { lacks, python } from "../../support/requirements.ts";
import { serve, type Served } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { SELECTORS } from "./parity/request-values.ts";
import { writeStoredData } from "./parity/stored-data.ts";

const absent = lacks("peers");
const SEED = testSeed();
const REQUESTS = Number(process.env["NARTHEX_REQUESTS"] ?? testCases(75, 150));

/** Flags of both servers. The lookback is 100 years, because the samples are years old. */
const FLAGS = ["--query.lookback-delta=100y"];
const EXTERNAL = "global: {external_labels: {cluster: 'lab<1>', env: outer, instance: here, a_b: c}}\n";

const workplace = new Workplace();
const servers: Served[] = [];

beforeAll(async () => {
  if (absent) return;
  await writeStoredData(workplace.path("ours"));
  cpSync(workplace.path("ours"), workplace.path("theirs"), { recursive: true });
  const settings = { config: EXTERNAL, flags: FLAGS };
  servers.push(
    await serve("prometheus", workplace, "theirs", {
      ...settings,
      flags: [...FLAGS, "--enable-feature=native-histograms"],
    }),
    await serve("narthex", workplace, "ours", settings),
  );
});

afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

const PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily";

/**
 * Accept headers of old and new scrapers, and invalid ones. The textual forms of protobuf are left out, because our
 * server answers them with the text format.
 */
const ACCEPTS = [
  [
    "",
    "*/*",
    "text/plain",
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "text/plain;version=1.0.0;escaping=allow-utf-8",
  ],
  ["text/plain;version=0.0.4;escaping=values", "text/plain;version=0.0.4;escaping=dots", "text/html", "x", ";;"],
  [`${PROTOBUF};encoding=delimited`, PROTOBUF],
  [`${PROTOBUF};encoding=delimited;escaping=underscores;q=0.2,text/plain;q=0.9`],
  [`${PROTOBUF};encoding=delimited;escaping=allow-utf-8`, "application/openmetrics-text;version=1.0.0;escaping=values"],
  ["application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"],
].flat();

/**
 * Selectors of series of all kinds, with exceptions. Selectors of all series and of float histograms are left out,
 * because Prometheus overwrites one histogram with parts of another. Selectors of histograms with custom bounds are
 * left out, because Prometheus omits the bounds; later versions and our server write such histograms as classic ones.
 */
const CHOSEN = [
  ...SELECTORS.filter((selector) => !/__name__=~"\.[+*]"|x!=|a=""|job="api"/.test(selector)),
  "{__name__=~'.*_total'}",
  "{__name__=~'clash|both_kinds'}",
  "{le!='',job='api'}",
  "flapping",
  "odd",
  "{kind=~'.+'}",
];

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function federate({ base }: Served, match: readonly string[], accept: string): Promise<Answer> {
  const query = new URLSearchParams(match.map((one): [string, string] => ["match[]", one])).toString();
  const response = await fetch(`${base}/federate?${query}`, { headers: { accept } });
  const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
  return { status: response.status, type: response.headers.get("content-type"), body };
}

test.skipIf(absent)(`random federation requests get the same bytes as from Prometheus (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  for (let i = 0; i < REQUESTS; i++) {
    const match = Array.from({ length: 1 + random.below(3) }, () => random.pick(CHOSEN));
    const accept = random.pick(ACCEPTS);
    // oxlint-disable-next-line no-await-in-loop -- one request at a time, at both servers
    const [theirs, ours] = await Promise.all(servers.map((server) => federate(server, match, accept)));
    expect(ours, `${JSON.stringify(match)} ${accept}`).toEqual({
      ...theirs,
      body: theirs!.body.replace(/unexpected "<Item \d+>" </, "unexpected <"),
    });
  }
});

/** A program that parses the response of /federate and prints the number of samples of each metric family. */
const READER = `
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    print(family.name, len(family.samples))
`;

const families = (text: string): readonly string[] =>
  execFileSync(python, ["-c", READER], { input: text, encoding: "utf8" }).trimEnd().split("\n");

test.skipIf(absent || lacks("python clients"))(
  "a Python client parses federated metrics, and the server's own metrics",
  async () => {
    const [theirs, ours] = await Promise.all(servers.map((server) => federate(server, ["{__name__=~'.+'}"], "")));
    const read = families(ours!.body);
    expect(read.filter((line) => !line.startsWith("custom_"))).toEqual(families(theirs!.body));
    expect(read.filter((line) => line.startsWith("custom_"))).toEqual(["custom_other 5", "custom_seconds 14"]);
    const own = families(await (await fetch(`${servers[1]!.base}/metrics`)).text());
    expect(own.length).toBeGreaterThan(150);
    expect(own).toContain("prometheus_build_info 1");
  },
);
