import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { ManyTargets } from "./many-targets.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { intervals, type ScrapeTimes, type UpRow } from "./scrape-times.ts";
import { prometheusVersion } from "./servers.ts";

const SCALE = scale();
const USUAL_ROUNDS = 1;
const ROUNDS = rounds(USUAL_ROUNDS);
const TARGETS = Math.round(10_000 * SCALE);
const SERIES = 20;
const INTERVAL_S = 15;
const WARM_UP_MS = 45_000;
const MEASURED_MS = 60_000;
const POLL_MS = 50;

interface Measured extends ScrapeTimes {
  readonly cpuMicrosPerScrape: number;
  readonly residentMb: number;
  readonly durationP99: number;
  readonly healthyP99: number;
  /** Event loop delay; undefined for Prometheus. */
  readonly loop: { readonly lateP99: number; readonly busyP99: number; readonly busyMax: number } | undefined;
}

/**
 * Scrapes many small targets. Measures late scrapes, CPU time and memory. This project's server and Prometheus run at
 * the same time, each with its own targets.
 */
export const targetsCase: BenchCase = {
  name: "targets-10k",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const peer = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
    const ours = new URL("../../bin/narthex", import.meta.url).pathname;
    const [own, theirs]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = await Promise.all([measure(ours, ["server"]), measure(peer, [])]);
      own.push(one);
      theirs.push(other);
    }
    const figure = (what: string, unit: string, pick: (one: Measured) => number | undefined): Figure => {
      const values = (list: readonly Measured[]): number[] =>
        list.map(pick).filter((value): value is number => value !== undefined);
      return { what, unit, better: "lower", ours: values(own), peer: values(theirs) };
    };
    return {
      setting: `${TARGETS} targets × ${SERIES} series every ${INTERVAL_S} s, ${MEASURED_MS / 1000} s after ${WARM_UP_MS / 1000} s, default flags; ${prometheusVersion()}`,
      figures: [
        figure("scrapes missed or late", "", (one) => one.missedOrLate),
        figure("longest interval", "s", (one) => one.worstIntervalS),
        figure("scrapes failed", "", (one) => one.down),
        figure("CPU per scrape", "µs", (one) => one.cpuMicrosPerScrape),
        figure("resident memory", "MB", (one) => one.residentMb),
        figure("scrape_duration_seconds, p99 of the last", "ms", (one) => one.durationP99 * 1000),
        figure("/-/healthy, p99", "ms", (one) => one.healthyP99),
        figure("event loop late by the clock, p99", "ms", (one) => one.loop?.lateP99),
        figure("event loop's CPU time between two looks 5 ms apart, p99", "ms", (one) => one.loop?.busyP99),
        figure("… the most", "ms", (one) => one.loop?.busyMax),
      ],
    };
  },
};

async function measure(command: string, first: readonly string[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  const probe = join(folder, "probe.json");
  await using targets = await ManyTargets.start(TARGETS, SERIES);
  try {
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const addresses = (await targets.addresses()).map((address) => `'${address}'`).join(", ");
    writeFileSync(
      join(folder, "prometheus.yml"),
      `global: {scrape_interval: ${INTERVAL_S}s}\nscrape_configs:\n- job_name: bench\n  static_configs: [{targets: [${addresses}]}]\n`,
    );
    const measured = await run(command, first, folder, { probe, base, targets });
    if (first.length === 0) return measured;
    return { ...measured, loop: JSON.parse(readFileSync(probe, "utf8")) as Measured["loop"] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(
  command: string,
  first: readonly string[],
  folder: string,
  { probe, base, targets }: { readonly probe: string; readonly base: string; readonly targets: ManyTargets },
): Promise<Measured> {
  const environment = {
    NODE_OPTIONS: `--import=${new URL("event-loop-probe.ts", import.meta.url).href}`,
    NARTHEX_PROBE: probe,
    NARTHEX_PROBE_FROM: String(WARM_UP_MS),
    NARTHEX_PROBE_TO: String(WARM_UP_MS + MEASURED_MS),
  };
  const config = [`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${join(folder, "data")}`];
  const listen = `--web.listen-address=${new URL(base).host}`;
  await using program = new Program(command, [...first, ...config, listen], environment);
  await program.ready(`${base}/-/ready`);
  await pause(WARM_UP_MS);
  const [cpu, before] = [program.cpuSeconds(), await targets.scrapes()];
  const healthy = await pollHealth(base, MEASURED_MS);
  const [spent, after] = [program.cpuSeconds() - cpu, await targets.scrapes()];
  const residentMb = program.residentBytes() / 1e6;
  const { rows, time } = await upSamples(base);
  return {
    cpuMicrosPerScrape: (spent * 1e6) / (after - before),
    residentMb,
    ...intervals(rows, time, { targets: TARGETS, intervalS: INTERVAL_S, spanS: MEASURED_MS / 1000 }),
    durationP99: await instant(base, "quantile(0.99, scrape_duration_seconds)"),
    healthyP99: healthy.toSorted((a, b) => a - b)[Math.floor(healthy.length * 0.99)]!,
    loop: undefined,
  };
}

/** Resolves with the times of requests to `/-/healthy`, ms. */
async function pollHealth(base: string, duringMs: number): Promise<number[]> {
  const times: number[] = [];
  for (const until = performance.now() + duringMs; performance.now() < until; await pause(POLL_MS)) {
    const began = performance.now();
    await (await fetch(`${base}/-/healthy`)).text();
    times.push(performance.now() - began);
  }
  return times;
}

/** Returns the stored samples of `up` in the measured time, and the Unix time in s at which the measured time ended. */
async function upSamples(base: string): Promise<{ rows: UpRow[]; time: number }> {
  const query = `up[${MEASURED_MS / 1000}s]`;
  const time = Number((await queryByTarget(base, "time()"))["result"]![1]);
  const data = await queryByTarget(base, query);
  return { rows: (data["result"] as unknown as { values: UpRow }[]).map(({ values }) => values), time };
}

const instant = async (base: string, query: string): Promise<number> =>
  Number(((await queryByTarget(base, query))["result"] as unknown as { value: [number, string] }[])[0]?.value[1]);

async function queryByTarget(base: string, query: string): Promise<Record<string, readonly unknown[]>> {
  const response = await fetch(`${base}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
  const { data } = (await response.json()) as { data: Record<string, readonly unknown[]> };
  return data;
}
