import { join } from "node:path";
import { Labels } from "@narthex/model";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { api } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { launcher } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { Program } from "./program.ts";

const absent = lacks("peers");
const SEED = testSeed();
const ROUNDS = 120;
const SERIES = 30;
const STEP_MS = 1000;

/**
 * Flag that makes VictoriaMetrics return each sample once. If the response to a request is lost, the request is
 * repeated, and its samples may be stored twice.
 */
const ONCE = ["-dedup.minScrapeInterval=1ms"];

interface Series {
  readonly metric: { readonly i: string };
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** Resolves with the times and values of all test series, by the number in their label `i`. */
async function samplesOf(base: string, time: number): Promise<Record<string, unknown>> {
  const query = "chain[2h]";
  const { result } = await api<{ result: readonly Series[] }>(base, "query", { query, time: String(time) });
  return Object.fromEntries(result.map(({ metric, values }) => [metric.i, values]));
}

test.skipIf(absent)(`every sample arrives once and in order, whichever program is killed (seed ${SEED})`, async () => {
  using workplace = new Workplace();
  const [out, prometheusPort, victoriaPort] = [await freePort(), await freePort(), await freePort()];
  const empty = workplace.write("empty.yml", "");
  const config = workplace.write(
    "sender.yml",
    `remote_write:\n${[`${prometheusPort}/api/v1/write`, `${victoriaPort}/api/v1/write`]
      .map(
        (to, i) =>
          `- url: http://127.0.0.1:${to}\n  queue_config: {batch_send_deadline: 50ms, max_samples_per_send: 40, max_backoff: 200ms, min_shards: ${1 + i}}\n`,
      )
      .join("")}`,
  );
  const folder = (name: string, port: number): string[] => [
    `--storage.tsdb.path=${workplace.path(name)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-remote-write-receiver",
  ];
  await using prometheus = new Program(
    join(peers, "prometheus"),
    [`--config.file=${empty}`, ...folder("prometheus", prometheusPort)],
    prometheusPort,
    "/-/ready",
  );
  await using victoria = new Program(
    join(peers, "victoria-metrics"),
    [`-storageDataPath=${workplace.path("victoria")}`, `-httpListenAddr=127.0.0.1:${victoriaPort}`, ...ONCE],
    victoriaPort,
    "/health",
  );
  await using sender = new Program(
    launcher,
    ["server", `--config.file=${config}`, "--storage.remote.flush-deadline=1s", ...folder("sender", out)],
    out,
    "/-/ready",
  );
  await Promise.all([prometheus.start(), victoria.start(), sender.start()]);
  const random = new Random(SEED);
  const begin = Date.now() - ROUNDS * STEP_MS;
  const isAway = new Map<Program, number>();
  // The ways to end each program. VictoriaMetrics is not killed with SIGKILL, because it keeps acknowledged samples in
  // memory for some seconds.
  const deaths = [
    { program: sender, signal: "SIGKILL", rounds: 0 },
    { program: prometheus, signal: "SIGKILL", rounds: 20 },
    { program: victoria, signal: "SIGTERM", rounds: 20 },
    { program: sender, signal: "SIGKILL", rounds: 0 },
  ] as const;
  const plan = new Map(deaths.map((death, i) => [10 + i * 25 + random.below(20), death]));
  for (let round = 0; round < ROUNDS; round++) {
    const timestamp = begin + round * STEP_MS;
    await remoteWrite(
      sender.base,
      Array.from({ length: SERIES }, (_, i) => ({
        labels: Labels.of({ __name__: "chain", i: String(i) }),
        timestamps: [timestamp],
        values: Float64Array.of(round * 100 + i),
        histograms: [],
      })),
    );
    for (const [program, until] of isAway) {
      if (round < until) continue;
      isAway.delete(program);
      await program.start();
    }
    const death = plan.get(round);
    if (death === undefined || isAway.has(death.program)) continue;
    await death.program.end(death.signal);
    if (death.rounds === 0) await death.program.start();
    else isAway.set(death.program, round + death.rounds);
  }
  for (const program of isAway.keys()) await program.start();
  const time = Math.ceil(Date.now() / 1000);
  const expected = await samplesOf(sender.base, time);
  expect(Object.keys(expected)).toHaveLength(SERIES);
  for (const { base } of [prometheus, victoria]) {
    await eventually(`all is at ${base}`, async () => expect(await samplesOf(base, time)).toEqual(expected), 30_000);
  }
  expect((expected["7"] as unknown[]).length).toBe(ROUNDS);
});
