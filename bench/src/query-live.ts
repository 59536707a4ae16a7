import { loadavg } from "node:os";
import { median } from "./calibration.ts";
import { type Contender, contenders, type LiveServer } from "./contenders.ts";
import { flag, numberFlag } from "./flags.ts";
import { liveQueries } from "./live-queries.ts";
import { LiveTargets, parseShape, type Shape, shapeName } from "./live-targets.ts";
import { queryInTurns, type LiveTimes } from "./live-times.ts";
import { pause } from "./program.ts";
import { liveFigures, liveTable, liveVerdicts } from "./query-live-report.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion } from "./servers.ts";
import { type ScrapeTimes, scrapeTimes } from "./scrape-times.ts";
import { TreeWatch } from "./tree-watch.ts";

const SHAPES = flag("shapes", "50x1000@15s,200x2000@15s,200x2000@5s,200x5000@15s").split(",");
const WRITE_S = numberFlag("write", 45);
const MEASURE_S = numberFlag("measure", 60);
const TIMEOUT_S = numberFlag("timeout", 30);
/** Number of scrapes of every target before the measurement. */
const WARM_SCRAPES = 3;
const WARM_PATIENCE_MS = 240_000;
const WARM_QUERIES_MS = 10_000;
/**
 * Number of scrape intervals to wait after scraping has ended. Staleness markers are written two intervals after the
 * end.
 */
const SETTLE_INTERVALS = 2.3;
const SETTLE_MS = 4000;
/** Wait in ms until running scrapes end. A reload would abort them, and `up` would be 0. */
const IN_FLIGHT_MS = 2000;

export interface LiveMeasured {
  readonly name: Contender["name"];
  /** CPU time per sample in µs before the queries, when the server only writes. */
  readonly cpuMicrosPerSample: number;
  readonly underWrites: readonly LiveTimes[];
  readonly atRest: readonly LiveTimes[];
  /** Median time in ms of a fixed loop, which shows the machine's speed during the queries. */
  readonly loopMs: { readonly underWrites: number; readonly atRest: number };
  /** Punctuality of scrapes during the queries under writes. */
  readonly scrapes: ScrapeTimes;
  /** Number of CPU cores used by the server during queries under writes and at rest. */
  readonly cores: { readonly underWrites: number; readonly atRest: number };
  /** Peak of the resident memory of the process tree in the whole run, MB. */
  readonly residentMb: number;
}

/**
 * Measures queries while their data is being scraped into the head, and compares them with queries after scraping has
 * stopped. Only one program runs at a time.
 */
export const queryLiveCase: BenchCase = {
  name: "query-live",
  byName: true,
  async run(): Promise<CaseResult> {
    const [before, result] = [loadavg()[0]!, [] as CaseResult["figures"][number][]];
    for (const shape of SHAPES.map(parseShape)) {
      const measured: LiveMeasured[] = [];
      for (const contender of contenders()) {
        try {
          measured.push(await measure(contender, shape));
          process.stdout.write(liveTable(shape, measured.slice(-1)));
        } catch (error) {
          process.stdout.write(`${shapeName(shape)}, ${contender.name}: ${String(error).slice(0, 500)}\n`);
        }
      }
      process.stdout.write(liveVerdicts(shape, measured));
      result.push(...liveFigures(shape, measured));
    }
    return {
      setting:
        `${SHAPES.join(", ")}; after ${WARM_SCRAPES} scrapes of each target ${WRITE_S} s of writes alone, ${MEASURE_S} s of ` +
        `queries under writes, ${MEASURE_S} s at rest; a query fails after ${TIMEOUT_S} s; one program at a time; load of the ` +
        `machine ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after; ${prometheusVersion()}`,
      figures: result,
    };
  },
};

const now = (): number => Date.now() / 1000;

async function measure(contender: Contender, shape: Shape): Promise<LiveMeasured> {
  using folder = new ScratchFolder();
  await using targets = await LiveTargets.start(shape);
  await using server = await contender.start(folder.path, await targets.config());
  using watch = new TreeWatch(server.program);
  await targets.scrapedTimes(WARM_SCRAPES, WARM_PATIENCE_MS);
  const queries = liveQueries(shape);
  const { cpuMicrosPerSample, cores: idleCores } = await writesAlone(server, targets);
  const load = { duringMs: MEASURE_S * 1000, timeoutMs: TIMEOUT_S * 1000, end: now, idleCores };
  await queryInTurns(server, queries, { ...load, duringMs: WARM_QUERIES_MS });

  const began = performance.now();
  let cpu = server.program.tree().cpuSeconds;
  const writes = await queryInTurns(server, queries, load);
  const tookS = (performance.now() - began) / 1000;
  const coresUnderWrites = (server.program.tree().cpuSeconds - cpu) / tookS;

  const stopped = now();
  await pause(IN_FLIGHT_MS);
  await server.reload("scrape_configs: []\n");
  await pause(SETTLE_INTERVALS * shape.intervalS * 1000 + SETTLE_MS);
  const rested = performance.now();
  cpu = server.program.tree().cpuSeconds;
  const rest = await queryInTurns(server, queries, { ...load, end: () => stopped, idleCores: 0 });
  const coresAtRest = ((server.program.tree().cpuSeconds - cpu) * 1000) / (performance.now() - rested);
  return {
    name: contender.name,
    cpuMicrosPerSample,
    underWrites: writes.times,
    atRest: rest.times,
    loopMs: { underWrites: median(writes.loopMs), atRest: median(rest.loopMs) },
    scrapes: await scrapeTimes(server.base, {
      fromS: stopped - tookS,
      toS: stopped,
      shape,
      timeoutMs: load.timeoutMs,
    }),
    cores: { underWrites: coresUnderWrites, atRest: coresAtRest },
    residentMb: watch.peakBytes / 1e6,
  };
}

async function writesAlone(
  { program }: LiveServer,
  targets: LiveTargets,
): Promise<{ readonly cpuMicrosPerSample: number; readonly cores: number }> {
  const [began, cpu, before] = [performance.now(), program.threadsCpuMs(), await targets.scrapes()];
  await pause(WRITE_S * 1000);
  const [spentMs, after] = [program.threadsCpuMs() - cpu, await targets.scrapes()];
  return {
    cpuMicrosPerSample: (spentMs * 1000) / ((after - before) * targets.shape.series),
    cores: spentMs / (performance.now() - began),
  };
}
