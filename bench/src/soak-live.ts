import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { type Contender, contenders, type LiveServer } from "./contenders.ts";
import { flag, numberFlag } from "./flags.ts";
import { HealthProbe, type HealthTimes } from "./health-probe.ts";
import { liveQueries } from "./live-queries.ts";
import { LiveTargets, parseShape, shapeName } from "./live-targets.ts";
import { queryInTurns, type LiveTimes, quantile } from "./live-times.ts";
import { checkStored, type StoredCheck } from "./live-stored.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { type ScrapeTimes, scrapeTimes } from "./scrape-times.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion } from "./servers.ts";
import { TreeWatch } from "./tree-watch.ts";

const SHAPE = parseShape(flag("soak-shape", "200x5000@15s"));
const MINUTES = numberFlag("minutes", 30);
const TIMEOUT_S = numberFlag("timeout", 30);
/** Block length of the test. The head is compacted when it spans one and a half block lengths. */
const BLOCK = `${Math.max(1, Math.floor(MINUTES / 2.5))}m`;
const WARM_SCRAPES = 2;
const WARM_PATIENCE_MS = 240_000;
const SETTLE_INTERVALS = 2.3;
const SETTLE_MS = 4000;
const PAUSE_MS = 1000;
/** Wait in ms until running scrapes end. A reload would abort them, and `up` would be 0. */
const IN_FLIGHT_MS = 2000;

interface Soaked {
  readonly name: Contender["name"];
  readonly scrapes: ScrapeTimes;
  readonly stored: StoredCheck;
  readonly queries: readonly LiveTimes[];
  readonly healthy: HealthTimes;
  readonly medianMb: number;
  readonly peakMb: number;
  /** Resident memory in MB at the end of each tenth of the run. */
  readonly timelineMb: readonly number[];
  readonly cpuMicrosPerSample: number;
  /** Number of written blocks, from the server's own metrics. */
  readonly compactions: number;
  /** Number of missed or failed rule evaluations, from the server's own metrics. */
  readonly rulesMissed: number;
}

/**
 * Returns the content of the rule file. `more` is an additional rule, which the reload half-way through the run adds.
 */
const rules = (more: string): string =>
  [
    "groups:",
    "- name: live",
    "  rules:",
    "  - {record: live:rate, expr: 'sum by (zone) (rate(live_7_total[1m]))'}",
    "  - {record: live:targets, expr: 'count(up{job=\"live\"} == 1)'}",
    "  - {alert: TargetDown, expr: 'up == 0', for: 1m}",
    more,
    "",
  ].join("\n");
const ONE_MORE = "  - {record: live:series, expr: 'sum(scrape_samples_scraped)'}";

/**
 * Scrapes, queries, compacts and reloads a head of a million series while rules are evaluated. Checks the stored
 * samples at the end.
 */
export const soakLiveCase: BenchCase = {
  name: "soak-live",
  byName: true,
  async run(): Promise<CaseResult> {
    const before = loadavg()[0]!;
    const soaked: Soaked[] = [];
    const more = [`--storage.tsdb.min-block-duration=${BLOCK}`, `--storage.tsdb.max-block-duration=${BLOCK}`];
    for (const contender of contenders(more).filter(({ name }) => name !== "VictoriaMetrics")) {
      try {
        const one = await soak(contender);
        soaked.push(one);
        process.stdout.write(formatReport(one));
      } catch (error) {
        process.stdout.write(`${contender.name}: ${String(error).slice(0, 500)}\n`);
      }
    }
    return {
      setting:
        `${shapeName(SHAPE)} for ${MINUTES} minutes with queries, rules, blocks of ${BLOCK} and a reload half-way; one program at a ` +
        `time; load of the machine ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after; ${prometheusVersion()}`,
      figures: figures(soaked),
    };
  },
};

const now = (): number => Date.now() / 1000;

async function soak(contender: Contender): Promise<Soaked> {
  using folder = new ScratchFolder();
  await using targets = await LiveTargets.start(SHAPE);
  const ruleFile = join(folder.path, "rules.yml");
  writeFileSync(ruleFile, rules(""));
  const config = await targets.config(`rule_files: [${ruleFile}]\n`);
  const began = now();
  await using server = await contender.start(folder.path, config);
  using watch = new TreeWatch(server.program);
  await targets.scrapedTimes(WARM_SCRAPES, WARM_PATIENCE_MS);
  const fromS = now();
  const [cpu, scraped] = [server.program.tree().cpuSeconds, await targets.scrapes()];
  const probe = new HealthProbe(`${server.base}${contender.healthy}`);
  probe.start();
  const reloading = pause(MINUTES * 30_000).then(async () => {
    writeFileSync(ruleFile, rules(ONE_MORE));
    await server.reload(config);
  });
  const queries = await queryRepeatedly(server);
  await reloading;
  const healthy = await probe.stop();
  const samples = ((await targets.scrapes()) - scraped) * SHAPE.series;
  const spent = server.program.tree().cpuSeconds - cpu;
  const memory = [...watch.memory];
  const toS = now();
  await pause(IN_FLIGHT_MS);
  await server.reload("scrape_configs: []\n");
  await pause(SETTLE_INTERVALS * SHAPE.intervalS * 1000 + SETTLE_MS);
  return {
    name: contender.name,
    scrapes: await scrapeTimes(server.base, { fromS, toS, shape: SHAPE, timeoutMs: 120_000 }),
    stored: await checkStored(server.base, targets, began),
    queries,
    healthy,
    medianMb: median(memory) / 1e6,
    peakMb: Math.max(...memory) / 1e6,
    timelineMb: Array.from({ length: 10 }, (_, i) => memory[Math.floor(((i + 1) * (memory.length - 1)) / 10)]! / 1e6),
    cpuMicrosPerSample: (spent * 1e6) / samples,
    ...(await ownMetrics(server)),
  };
}

/** Sends every query of `query-live` about once per second, like an open dashboard. */
async function queryRepeatedly(server: LiveServer): Promise<readonly LiveTimes[]> {
  const queries = liveQueries(SHAPE);
  const all = queries.map((query): LiveTimes => ({ query, ms: [], cpuMs: [], failures: [] }));
  for (const until = performance.now() + MINUTES * 60_000; performance.now() < until; await pause(PAUSE_MS)) {
    const { times } = await queryInTurns(server, queries, {
      duringMs: 0,
      timeoutMs: TIMEOUT_S * 1000,
      end: now,
      idleCores: 0,
    });
    for (const [i, { ms, failures }] of times.entries()) {
      all[i]!.ms.push(...ms);
      all[i]!.failures.push(...failures);
    }
  }
  return all;
}

async function ownMetrics({ base }: LiveServer): Promise<Pick<Soaked, "compactions" | "rulesMissed">> {
  const text = await (await fetch(`${base}/metrics`)).text();
  const total = (name: string): number =>
    text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  return {
    compactions: total("prometheus_tsdb_compactions_total"),
    rulesMissed:
      total("prometheus_rule_group_iterations_missed_total") + total("prometheus_rule_evaluation_failures_total"),
  };
}

function formatReport({ name, stored, queries, timelineMb }: Soaked): string {
  const lines = queries.map(
    ({ query, ms, failures }) =>
      `| ${query.name} | ${quantile(ms, 0.5).toFixed(1)} | ${quantile(ms, 0.99).toFixed(1)} | ${ms.length} | ${failures.length} | ${[...new Set(failures)].join("; ").slice(0, 200)} |`,
  );
  return (
    `\n### ${shapeName(SHAPE)}, ${name}\n\nresident, end of each tenth of the time, MB: ${timelineMb.map((mb) => mb.toFixed(0)).join(" ")}\n` +
    `${stored.faults.slice(0, 10).join("\n")}\n` +
    `| query | p50 ms | p99 ms | answered | failed | why |\n| --- | --- | --- | --- | --- | --- |\n${lines.join("\n")}\n`
  );
}

function figures(soaked: readonly Soaked[]): Figure[] {
  const figure = (what: string, unit: string, pick: (one: Soaked) => number): Figure => {
    const of = (name: Contender["name"]): number[] => soaked.filter((one) => one.name === name).map(pick);
    return { what, unit, better: "lower", ours: of("ours"), before: of("before"), peer: of("Prometheus") };
  };
  return [
    figure("scrapes missed or late", "", ({ scrapes }) => scrapes.missedOrLate),
    figure("scrapes failed", "", ({ scrapes }) => scrapes.down),
    figure("longest interval", "s", ({ scrapes }) => scrapes.worstIntervalS),
    figure("pages served that are not stored", "", ({ stored }) => stored.lostPages),
    figure("series with other samples than were served", "", ({ stored }) => stored.wrongSeries),
    figure("samples checked", "millions", ({ stored }) => stored.samples / 1e6),
    figure("queries failed or wrong", "", ({ queries }) => queries.reduce((sum, one) => sum + one.failures.length, 0)),
    figure("/-/healthy, p99", "ms", ({ healthy }) => healthy.p99),
    figure("… the longest", "ms", ({ healthy }) => healthy.max),
    figure("resident memory, median", "MB", ({ medianMb }) => medianMb),
    figure("resident memory, the most", "MB", ({ peakMb }) => peakMb),
    figure("CPU per sample, all that included", "µs", ({ cpuMicrosPerSample }) => cpuMicrosPerSample),
    figure("compactions", "", ({ compactions }) => compactions),
    figure("evaluations of rules missed or failed", "", ({ rulesMissed }) => rulesMissed),
  ];
}
