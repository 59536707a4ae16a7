import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { flag, rounds } from "./flags.ts";
import { DATA_END, writeDays } from "./query-data.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { timeQuery, prometheusVersion, type Server, startOurs, startPrometheus } from "./servers.ts";

const USUAL_ROUNDS = 9;
const ROUNDS = rounds(USUAL_ROUNDS);
const WARM_ROUNDS = 4;
const DAYS = "1,7,30";
const END_S = (DATA_END + 1) / 1000;
const DAY_S = 86_400;
/** Number of points of a query over all days. */
const STEPS = 1000;
const EXPRESSION = "sum by (job) (rate(http_requests_total[5m]))";
/** Flag for a long retention: with the default retention, the server would remove the oldest blocks at the start. */
const KEEP = ["--storage.tsdb.retention.time=10y"];

interface QueryCase {
  readonly what: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const queriesOver = (days: number): readonly QueryCase[] => {
  const range = (seconds: number, step: number): Readonly<Record<string, string>> => ({
    query: EXPRESSION,
    start: String(END_S - seconds),
    end: String(END_S),
    step: String(step),
  });
  return [
    { what: "now", path: "query", parameters: { query: EXPRESSION, time: String(END_S) } },
    { what: "the last hour, a step of 15 s", path: "query_range", parameters: range(3600, 15) },
    {
      what: `all of the time, ${STEPS} steps, a window of 5 min each`,
      path: "query_range",
      parameters: range(days * DAY_S, (days * DAY_S) / STEPS),
    },
    {
      what: "all series of all of the time",
      path: "series",
      parameters: { "match[]": '{__name__!=""}', start: String(END_S - days * DAY_S), end: String(END_S) },
    },
  ];
};

/**
 * Measures the same figures several times, each time with blocks of more days. This project's server and Prometheus
 * take turns.
 */
export const daysCurveCase: BenchCase = {
  name: "days-curve",
  usualRounds: USUAL_ROUNDS,
  byName: true,
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    let series = 0;
    for (const days of flag("days", DAYS).split(",").map(Number)) {
      using folder = new ScratchFolder();
      series = writeDays(join(folder.path, "blocks"), days);
      figures.push(...(await overDays(folder.path, days)));
    }
    return {
      setting: `${series} series every 15 s in blocks of up to 54 h; p50 of ${ROUNDS} after ${WARM_ROUNDS}: ${EXPRESSION}; ${prometheusVersion()}`,
      figures,
    };
  },
};

async function overDays(folder: string, days: number): Promise<Figure[]> {
  const disk = folderBytes(join(folder, "blocks"));
  const figures: Figure[] = [];
  const add = (what: string, unit: string, ours: number, peer: number): void => {
    figures.push({ what: `${days} days: ${what}`, unit, better: "lower", ours: [ours], peer: [peer] });
  };
  const began = performance.now();
  await using own = await startOurs(folder, "blocks", undefined, KEEP);
  const between = performance.now();
  await using theirs = await startPrometheus(folder, "blocks", KEEP);
  add("start to ready, with a copy of the folder", "s", (between - began) / 1000, (performance.now() - between) / 1000);
  rmSync(join(folder, "blocks"), { recursive: true });
  for (const query of queriesOver(days)) {
    const [ours, peer] = await inTurns([own, theirs], query);
    add(query.what, "ms", ours!.ms, peer!.ms);
    add(`${query.what}: CPU`, "ms", ours!.cpuMs, peer!.cpuMs);
  }
  add(
    "resident memory afterwards",
    "MB",
    own.program.tree().residentBytes / 1e6,
    theirs.program.tree().residentBytes / 1e6,
  );
  add("blocks on disk", "MB", disk / 1e6, disk / 1e6);
  return figures;
}

async function inTurns(servers: readonly Server[], { path, parameters }: QueryCase) {
  const taken = servers.map(() => ({ ms: [] as number[], cpuMs: 0 }));
  for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
    for (const [i, server] of servers.entries()) {
      const before = server.program.threadsCpuMs();
      const ms = await timeQuery(server, path, parameters);
      if (round < 0) continue;
      taken[i]!.ms.push(ms);
      taken[i]!.cpuMs += server.program.threadsCpuMs() - before;
    }
  }
  return taken.map(({ ms, cpuMs }) => ({ ms: median(ms), cpuMs: cpuMs / ROUNDS }));
}

const folderBytes = (dir: string): number =>
  readdirSync(dir, { recursive: true, encoding: "utf8" }).reduce((sum, name) => {
    const stat = statSync(join(dir, name));
    return sum + (stat.isFile() ? stat.size : 0);
  }, 0);
