import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flag, numberFlag } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { HealthProbe } from "./health-probe.ts";
import { LiveTargets, parseShape, type Shape } from "./live-targets.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { scrapeTimes } from "./scrape-times.ts";
import { prometheusVersion } from "./servers.ts";

const SHAPES = "10x1000@15s,100x1000@15s,200x5000@15s,600x5000@15s";
/** Number of scrapes of each target before the measurement. Only the first scrape creates series. */
const WARM_SCRAPES = 3;
const PATIENCE_MS = 300_000;
/**
 * Seconds for which the health check and the event loop delay are measured. The CPU time is measured before, because
 * this measurement uses CPU time itself.
 */
const PROBE_SECONDS = 30;
/** Wait in ms after the last scrape until its samples are stored. */
const TAIL_MS = 2000;

interface Measured {
  readonly cpuMicrosPerSample: number;
  readonly coreShare: number;
  readonly residentMegabytes: number;
  readonly bytesPerSeries: number;
  readonly missedOrLate: number;
  readonly healthP99: number;
  /** 99th percentile of the event loop delay; undefined for Prometheus. */
  readonly loopP99: number | undefined;
  readonly readySeconds: number;
  readonly startCpuSeconds: number;
}

const FIGURES: Readonly<Record<keyof Measured, readonly [what: string, unit: string]>> = {
  cpuMicrosPerSample: ["CPU per scraped sample", "µs"],
  coreShare: ["CPU", "% of a core"],
  residentMegabytes: ["resident memory", "MB"],
  bytesPerSeries: ["resident memory per series", "B"],
  missedOrLate: ["scrapes missed or late", ""],
  healthP99: ["/-/healthy, p99", "ms"],
  loopP99: ["event loop late by the clock, p99", "ms"],
  readySeconds: ["start to ready after a kill", "s"],
  startCpuSeconds: ["CPU of that start", "s"],
};

/**
 * Repeats the measurements with an increasing number of active series, first for this project's server and then for
 * Prometheus.
 */
export const seriesCurveCase: BenchCase = {
  name: "series-curve",
  byName: true,
  async run(): Promise<CaseResult> {
    const measureSeconds = numberFlag("measure", 60);
    const figures: Figure[] = [];
    for (const shape of flag("shapes", SHAPES).split(",").map(parseShape)) {
      const own = await measure(
        new URL("../../bin/narthex", import.meta.url).pathname,
        ["server"],
        shape,
        measureSeconds,
      );
      const peer = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
      const theirs = await measure(peer, [], shape, measureSeconds);
      figures.push(...figuresOf(shape, own, theirs));
    }
    return {
      setting: `targets × series of each @ interval, default flags, ${measureSeconds} s after ${WARM_SCRAPES} scrapes of each; one program after the other; ${prometheusVersion()}`,
      figures,
    };
  },
};

function figuresOf(shape: Shape, own: Measured, theirs: Measured): Figure[] {
  const count = (shape.targets * shape.series).toLocaleString("en");
  const only = (value: number | undefined): number[] => (value === undefined ? [] : [value]);
  return (Object.keys(FIGURES) as (keyof Measured)[]).map((key) => ({
    what: `${count} series @ ${shape.intervalS} s: ${FIGURES[key][0]}`,
    unit: FIGURES[key][1],
    better: "lower",
    ours: only(own[key]),
    peer: only(theirs[key]),
  }));
}

async function measure(
  command: string,
  first: readonly string[],
  shape: Shape,
  measureSeconds: number,
): Promise<Measured> {
  using folder = new ScratchFolder();
  await using targets = await LiveTargets.start(shape);
  const probe = join(folder.path, "probe.json");
  writeFileSync(join(folder.path, "prometheus.yml"), await targets.config());
  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    const port = await freePort();
    const flags = [
      `--config.file=${join(folder.path, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder.path, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    return { program: new Program(command, [...first, ...flags], environment), base: `http://127.0.0.1:${port}` };
  };
  const warmMs = WARM_SCRAPES * shape.intervalS * 1000;
  const { program, base } = await start({
    NODE_OPTIONS: `--import=${new URL("event-loop-probe.ts", import.meta.url).href}`,
    NARTHEX_PROBE: probe,
    NARTHEX_PROBE_FROM: String(warmMs + measureSeconds * 1000),
    NARTHEX_PROBE_TO: String(warmMs + (measureSeconds + PROBE_SECONDS) * 1000),
  });
  let scraping;
  {
    await using running = program;
    await running.ready(`${base}/-/ready`);
    // Waits until this project's server has built its pages at the first start; Prometheus needs no build.
    if (first.length > 0) await running.ready(`${base}/query`);
    await targets.scrapedTimes(WARM_SCRAPES, PATIENCE_MS);
    scraping = await measureScraping(running, base, targets, measureSeconds);
    running.kill();
  }
  const began = performance.now();
  const again = await start();
  await using restarted = again.program;
  await restarted.ready(`${again.base}/-/ready`);
  return {
    ...scraping,
    loopP99: existsSync(probe) ? (JSON.parse(readFileSync(probe, "utf8")) as { lateP99: number }).lateP99 : undefined,
    readySeconds: (performance.now() - began) / 1000,
    startCpuSeconds: restarted.tree().cpuSeconds,
  };
}

async function measureScraping(program: Program, base: string, targets: LiveTargets, seconds: number) {
  const { shape } = targets;
  const [cpu, scrapes, fromS] = [program.tree().cpuSeconds, await targets.scrapes(), Date.now() / 1000];
  await pause(seconds * 1000);
  const spent = program.tree().cpuSeconds - cpu;
  const samples = ((await targets.scrapes()) - scrapes) * shape.series;
  const { residentBytes } = program.tree();
  const health = new HealthProbe(`${base}/-/healthy`);
  health.start();
  await pause(PROBE_SECONDS * 1000);
  const [{ p99 }, toS] = [await health.stop(), Date.now() / 1000];
  await pause(TAIL_MS);
  const { missedOrLate } = await scrapeTimes(base, { fromS, toS, shape, timeoutMs: PATIENCE_MS });
  return {
    cpuMicrosPerSample: (spent * 1e6) / samples,
    coreShare: (spent / seconds) * 100,
    residentMegabytes: residentBytes / 1e6,
    bytesPerSeries: residentBytes / (shape.targets * shape.series),
    missedOrLate,
    healthP99: p99,
  };
}
