import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rounds } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { Targets } from "./targets.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
export const PAGE_TARGETS = 100;
/** Name of all series of bench/src/targets-process.ts. */
const PAGE_METRIC = "http_requests_total";
/** Series of each target */
export const PAGE_SERIES = 1000;
const INTERVAL_S = 1;
const WARM_UP_MS = 30_000;
const MEASURED_MS = 20_000;

export const SCRAPE_SETTING = `${PAGE_TARGETS} targets × ${PAGE_SERIES} series every ${INTERVAL_S} s, ${MEASURED_MS / 1000} s after ${WARM_UP_MS / 1000} s, default flags`;

interface Measured {
  readonly cpuMicrosPerSample: number;
  readonly bytesPerSeries: number;
  readonly walBytesPerSample: number;
  /** Stored samples as a percentage of the samples that the targets served during the measurement. */
  readonly storedPercent: number;
}

/**
 * Measures CPU time per scraped sample and memory per series. This project's server and Prometheus run at the same
 * time, each with its own targets.
 */
export const scrapeCase: BenchCase = {
  name: "scrape",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const peer = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
    const ours = new URL("../../bin/narthex", import.meta.url).pathname;
    const [own, theirs]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = await Promise.all([measureScraping(ours, ["server"]), measureScraping(peer, [])]);
      own.push(one);
      theirs.push(other);
    }
    const pick = (list: readonly Measured[], key: keyof Measured): number[] => list.map((one) => one[key]);
    return {
      setting: `${SCRAPE_SETTING}; ${execFileSync(peer, ["--version"], { encoding: "utf8" }).split("\n")[0]}`,
      figures: [
        {
          what: "CPU per sample",
          unit: "µs",
          better: "lower",
          ours: pick(own, "cpuMicrosPerSample"),
          peer: pick(theirs, "cpuMicrosPerSample"),
        },
        {
          what: "resident memory per series",
          unit: "B",
          better: "lower",
          ours: pick(own, "bytesPerSeries"),
          peer: pick(theirs, "bytesPerSeries"),
        },
        {
          what: "log on disk per sample, from the start on",
          unit: "B",
          better: "lower",
          ours: pick(own, "walBytesPerSample"),
          peer: pick(theirs, "walBytesPerSample"),
        },
        {
          what: "samples stored of those served",
          unit: "%",
          better: "higher",
          ours: pick(own, "storedPercent"),
          peer: pick(theirs, "storedPercent"),
        },
      ],
    };
  },
};

/** Measures a program that scrapes its own targets, for less than a minute. */
export async function measureScraping(command: string, first: readonly string[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  await using targets = await Targets.start(PAGE_SERIES);
  try {
    const target = (await targets.report()).port;
    const port = await freePort();
    const jobs = Array.from(
      { length: PAGE_TARGETS },
      (_, i) => `{targets: ['127.0.0.1:${target}'], labels: {__metrics_path__: /${i}/metrics, target: '${i}'}}`,
    );
    writeFileSync(
      join(folder, "prometheus.yml"),
      `global: {scrape_interval: ${INTERVAL_S}s, scrape_timeout: ${INTERVAL_S}s}\nscrape_configs:\n- job_name: bench\n  static_configs: [${jobs.join(", ")}]\n`,
    );
    await using program = new Program(command, [
      ...first,
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await program.ready(`http://127.0.0.1:${port}/-/ready`);
    await pause(WARM_UP_MS);
    const [cpu, before, fromMs] = [program.cpuSeconds(), (await targets.report()).scrapes, Date.now()];
    await pause(MEASURED_MS);
    const [spent, after, toMs] = [program.cpuSeconds() - cpu, (await targets.report()).scrapes, Date.now()];
    const residentBytes = program.residentBytes();
    const logBytes = sizeOf(join(folder, "data/wal"));
    // After this pause, the scrapes that began before the measurement ended are stored.
    await pause(INTERVAL_S * 1000);
    const stored = await storedSamples(`http://127.0.0.1:${port}`, { fromMs, toMs });
    return {
      cpuMicrosPerSample: (spent * 1e6) / stored,
      bytesPerSeries: residentBytes / (PAGE_TARGETS * PAGE_SERIES),
      walBytesPerSample: logBytes / (after * PAGE_SERIES),
      storedPercent: (stored * 100) / ((after - before) * PAGE_SERIES),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Counts the stored samples between two Unix times in ms. Throws if a target was down, if series are missing, or if the
 * server's own metric shows another number of samples.
 */
async function storedSamples(
  base: string,
  { fromMs, toMs }: Readonly<Record<"fromMs" | "toMs", number>>,
): Promise<number> {
  const queryValue = async (query: string): Promise<number> => {
    const parameters = new URLSearchParams({ query, time: String(toMs / 1000) }).toString();
    const response = await fetch(`${base}/api/v1/query?${parameters}`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1] ?? 0);
  };
  const span = `[${toMs - fromMs}ms]`;
  const expected: Readonly<Record<string, number>> = {
    "sum(up)": PAGE_TARGETS,
    [`min(min_over_time(up${span}))`]: 1,
    [`count(${PAGE_METRIC})`]: PAGE_TARGETS * PAGE_SERIES,
    "sum(scrape_samples_scraped)": PAGE_TARGETS * PAGE_SERIES,
  };
  for (const [query, value] of Object.entries(expected)) {
    const answer = await queryValue(query);
    if (answer !== value)
      throw new Error(`${base}: ${query} is ${answer}, not ${value}: the scrapes are not comparable`);
  }
  const stored = await queryValue(`sum(count_over_time(${PAGE_METRIC}${span}))`);
  const scraped = await queryValue(`sum(sum_over_time(scrape_samples_scraped${span}))`);
  if (stored !== scraped) throw new Error(`${base} stored ${stored} samples, but counts ${scraped} as scraped`);
  return stored;
}

const sizeOf = (dir: string): number => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
