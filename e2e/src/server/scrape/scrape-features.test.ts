import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WireWriter } from "@narthex/bytes";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api } from "../../support/query.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

/** Number of steps of the target's script. The counters restart between the last two steps. */
const STEPS = 3;
const PATHS = ["text", "openmetrics", "protobuf"] as const;

type Path = (typeof PATHS)[number];

interface Matrix {
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values?: readonly (readonly [number, string])[];
    readonly histograms?: readonly (readonly [number, unknown])[];
  }[];
}

const CONTENT_TYPES: Readonly<Record<Path, string>> = {
  text: "text/plain; version=0.0.4",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  protobuf: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
};

/**
 * Returns the time in ms of the samples of a step, and the start time in ms of its counters. `from` is a whole second.
 */
const times = (from: number, step: number): { at: number; start: number } => ({
  at: from + step * 10_000,
  start: step === STEPS - 1 ? from + step * 10_000 - 4000 : from - 20_500,
});

const text = (at: number, step: number): string => `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{a="1"} ${5 + step} ${at}
requests_created{a="1"} 1 ${at}
# TYPE size gauge
size{__type__="own",__unit__="own"} ${step} ${at}
# TYPE plain untyped
plain{__type__="own"} ${step} ${at}
# TYPE wait histogram
wait_bucket{le="1"} ${step} ${at}
wait_bucket{le="+Inf"} ${step + 1} ${at}
wait_sum ${step} ${at}
wait_count ${step + 1} ${at}
`;

const openMetrics = (at: number, start: number, step: number): string =>
  `# TYPE requests counter
requests_total{a="1"} ${5 + step} AT # {id="1"} 1
requests_created{a="1"} START
requests_total{a="2",__type__="own"} ${6 + step} AT
requests_created{a="2",__type__="own"} START
# TYPE behind counter
behind_total{a="1"} 1 AT
behind_total{a="2"} 2 AT
behind_created{a="1"} START
behind_created{a="2"} START
# TYPE before counter
before_created START
before_total 1 AT
# TYPE future counter
future_total 1 AT
future_created ${(at + 5000) / 1000}
# TYPE untimed counter
untimed_total 1
untimed_created START
# TYPE wait_seconds histogram
# UNIT wait_seconds seconds
wait_seconds_bucket{a="1",le="1"} ${step} AT
wait_seconds_bucket{a="1",le="+Inf"} ${step + 1} AT
wait_seconds_count{a="1"} ${step + 1} AT
wait_seconds_sum{a="1"} ${step} AT
wait_seconds_created{a="1"} START
# TYPE last summary
last{quantile="0.5"} 1 AT
last_count ${step} AT
last_sum ${step} AT
last_created START
# TYPE level gauge
# UNIT level ${""}
level{__unit__="own"} ${step} AT
level_created 7 AT
# TYPE odd unknown
odd{__type__="own"} 1 AT
# TYPE "quoted.name" counter
{"quoted.name_total",a="1"} 1 AT
{"quoted.name_created",a="1"} START
# EOF
`
    .replaceAll("AT", String(at / 1000))
    .replaceAll("START", String(start / 1000));

function protobuf(at: number, start: number, step: number): Uint8Array {
  const out = new WireWriter(1 << 12);
  const time = (field: number): void =>
    out.message(field, () => {
      out.int64(1, Math.floor(start / 1000));
      out.int64(2, (start % 1000) * 1_000_000);
    });
  const family = (name: string, type: number, unit: string, body: () => void): void =>
    out.delimited(() => {
      out.string(1, name);
      out.uint64(3, type);
      out.message(4, () => {
        out.message(1, () => {
          out.string(1, "__type__");
          out.string(2, "own");
        });
        body();
        out.int64(6, at);
      });
      if (unit !== "") out.string(5, unit);
    });
  family("requests_total", 0, "", () =>
    out.message(3, () => {
      out.double(1, 5 + step);
      time(3);
    }),
  );
  family("level_bytes", 1, "bytes", () => out.message(2, () => out.double(1, step)));
  family("odd", 3, "", () => out.message(5, () => out.double(1, step)));
  family("last_seconds", 2, "seconds", () =>
    out.message(4, () => {
      out.uint64(1, step);
      out.double(2, step);
      out.message(3, () => {
        out.double(1, 0.5);
        out.double(2, 1);
      });
      time(4);
    }),
  );
  const classic = (): void => {
    out.uint64(1, step + 2);
    out.double(2, step);
    out.message(3, () => {
      out.uint64(1, step + 2);
      out.double(2, 1);
    });
    time(15);
  };
  family("wait", 4, "", () => out.message(7, classic));
  family("spread_seconds", 4, "seconds", () =>
    out.message(7, () => {
      out.uint64(1, step + 2);
      out.double(2, step);
      time(15);
      out.sint64(5, 3);
      out.double(6, 2 ** -128);
      out.uint64(7, 1);
      out.message(12, () => {
        out.sint64(1, 0);
        out.uint64(2, 1);
      });
      out.sint64(13, step + 1);
    }),
  );
  return out.written.slice();
}

/** Starts a target that serves one step of its script at `/<format>` until advance() is called. */
async function scriptedTarget(from: number) {
  const script = { step: 0, scrapes: new Map<string, number>() };
  const server = createServer((request, response) => {
    const path = request.url!.slice(1).split("?")[0] as Path;
    const who = `${path} ${request.headers["user-agent"]}`;
    script.scrapes.set(who, (script.scrapes.get(who) ?? 0) + 1);
    const { at, start } = times(from, script.step);
    const body =
      path === "text"
        ? text(at, script.step)
        : path === "openmetrics"
          ? openMetrics(at, start, script.step)
          : protobuf(at, start, script.step);
    response.writeHead(200, { "content-type": CONTENT_TYPES[path] }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { script, port: (server.address() as AddressInfo).port, [Symbol.dispose]: stop };
}

const config = (kind: Kind, port: number): string => `
global: {scrape_interval: 500ms, scrape_timeout: 400ms}
scrape_configs:
${PATHS.map(
  (path) => `- job_name: ${path}
  metrics_path: /${path}
${kind === "narthex" ? "  scrape_native_histograms: true\n" : ""}  static_configs: [{targets: ['127.0.0.1:${port}'], labels: {instance: target}}]`,
).join("\n")}
`;

/** Resolves with the samples that a server has stored, by series. Scrape times are replaced by `now`. */
async function stored(base: string, from: number): Promise<Record<string, string[]>> {
  const query = `{job=~".+",__name__!~"scrape_.+|up"}[10m]`;
  const { result } = await api<Matrix>(base, "query", { query });
  const begin = from / 1000 + STEPS * 10;
  const series = result.map(({ metric, values = [], histograms = [] }) => {
    const samples = [...values, ...histograms]
      .toSorted(([a], [b]) => a - b)
      .map(([time, value]) => `${time > begin ? "now" : time} ${JSON.stringify(value)}`);
    const labels = Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [JSON.stringify(labels), samples.filter((sample, i) => sample !== samples[i - 1])] as const;
  });
  return Object.fromEntries(series);
}

/** Runs the script with both servers. Resolves with the stored samples of each server. */
async function compare(features: string): Promise<Record<Kind, Record<string, string[]>>> {
  using workplace = new Workplace();
  const from = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  using target = await scriptedTarget(from);
  const kinds = ["narthex", "prometheus"] as const;
  const start = (kind: Kind) =>
    serve(kind, workplace, kind, {
      config: config(kind, target.port),
      flags: [`--enable-feature=${features}`, "--enable-feature=native-histograms"],
    });
  const [ours, theirs] = await Promise.all(kinds.map((kind) => start(kind)));
  await using _ours = ours!;
  await using _theirs = theirs!;
  for (let step = 0; step < STEPS; step++) {
    target.script.step = step;
    target.script.scrapes.clear();
    await eventually("both servers have scraped all", async () => {
      const { scrapes } = target.script;
      if (scrapes.size < PATHS.length * kinds.length || [...scrapes.values()].some((count) => count < 2)) {
        throw new Error(JSON.stringify([...scrapes]));
      }
    });
  }
  return { narthex: await stored(ours!.base, from), prometheus: await stored(theirs!.base, from) };
}

const ZEROS = "created-timestamp-zero-ingestion";
const LABELS = "type-and-unit-labels";

test
  .skipIf(lacks("peers"))
  .concurrent.each([{ features: [ZEROS] }, { features: [LABELS] }, { features: [ZEROS, LABELS] }])(
  "with $features the same samples are stored as by Prometheus",
  async ({ features }) => {
    const { narthex, prometheus } = await compare(features.join(","));
    expect(narthex).toEqual(prometheus);
    const zeros = Object.values(narthex).filter((samples) => /\.5 ("0"|\{"count":"0","sum":"0"\})$/.test(samples[0]!));
    const ofCounters = Object.keys(narthex).filter((labels) => labels.includes('["__type__","counter"]'));
    expect(zeros.length > 10).toBe(features.includes(ZEROS));
    expect(ofCounters.length > 5).toBe(features.includes(LABELS));
  },
);
