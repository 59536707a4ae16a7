import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rounds } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { Targets } from "./targets.ts";

const ROUNDS = rounds(3);
export const PAGE_TARGETS = 100;
/** of each target */
export const PAGE_SERIES = 1000;
const INTERVAL_S = 1;
const WARM_UP_MS = 30_000;
const MEASURED_MS = 20_000;

export const SCRAPE_SETTING = `${PAGE_TARGETS} targets × ${PAGE_SERIES} series every ${INTERVAL_S} s, ${MEASURED_MS / 1000} s after ${WARM_UP_MS / 1000} s, default flags`;

interface Measured {
  readonly cpuMicrosPerSample: number;
  readonly bytesPerSeries: number;
  readonly walBytesPerSample: number;
}

/** Scraping: CPU per sample and memory per series, ours and Prometheus at the same time, each with targets of its own. */
export const scrapeCase: BenchCase = {
  name: "scrape",
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
      ],
    };
  },
};

/** A program's scraping of targets of its own, for less than a minute. */
export async function measureScraping(command: string, first: readonly string[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  await using targets = await Targets.start(PAGE_SERIES);
  try {
    const target = (await targets.ask()).port;
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
    const [cpu, before] = [program.cpuSeconds(), (await targets.ask()).scrapes];
    await pause(MEASURED_MS);
    const [spent, after] = [program.cpuSeconds() - cpu, (await targets.ask()).scrapes];
    return {
      cpuMicrosPerSample: (spent * 1e6) / ((after - before) * PAGE_SERIES),
      bytesPerSeries: program.residentBytes() / (PAGE_TARGETS * PAGE_SERIES),
      walBytesPerSample: logBytes(join(folder, "data/wal")) / (after * PAGE_SERIES),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const logBytes = (dir: string): number =>
  readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
