import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { freePort } from "./free-port.ts";
import { Program } from "./program.ts";
import { DATA_END, writeQueryData } from "./query-data.ts";
import { QUERY_SET, QUERY_WINDOWS, type QueryWindow } from "./query-set.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";

/** Times each query is asked of each side, the first not counted. */
const ROUNDS = Number(process.env["NARTHEX_BENCH_ROUNDS"] ?? 3) * 3 + 1;
/** Passes over all queries before anything is measured: a server that has run for a while is what users have. */
const WARM_PASSES = 5;
const CLIENTS = 4;
const CLIENTS_MS = 10_000;

interface Side {
  readonly program: Program;
  readonly base: string;
}

/** Queries of daily life over HTTP, JSON included, both sides on copies of one folder of blocks. */
export const queriesCase: BenchCase = {
  name: "queries",
  async run(): Promise<CaseResult> {
    const peer = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    try {
      const series = writeQueryData(join(folder, "blocks"));
      await using own = await start(new URL("../../bin/narthex", import.meta.url).pathname, ["server"], folder, "ours");
      await using theirs = await start(peer, [], folder, "theirs");
      const figures = await compare(own, theirs);
      figures.push(await clients(own, theirs));
      figures.push(memory(own, theirs));
      const version = execFileSync(peer, ["--version"], { encoding: "utf8" }).split("\n")[0];
      return {
        setting: `${QUERY_SET.length} queries × ${QUERY_WINDOWS.length} windows, ${series} series × 24 h × 15 s; p50 of ${ROUNDS - 1}; ${version}`,
        figures,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function start(
  command: string,
  first: readonly string[],
  folder: string,
  name: string,
): Promise<Side & AsyncDisposable> {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, "prometheus.yml"), "");
  cpSync(join(folder, "blocks"), join(folder, name), { recursive: true });
  const program = new Program(command, [
    ...first,
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, name)}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await program.ready(`${base}/-/ready`);
  return { program, base, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** Ratios of ours to theirs by query and window, and what they come to. */
async function compare(own: Side, theirs: Side): Promise<Figure[]> {
  const ratios: { readonly query: string; readonly window: string; readonly ours: number; readonly peer: number }[] =
    [];
  for (const side of [own, theirs]) await warmUp(side);
  for (const window of QUERY_WINDOWS) {
    for (const query of QUERY_SET) {
      const times: [number[], number[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, side] of [own, theirs].entries()) {
          const spent = await timed(side, query, window);
          if (round > 0) times[i]!.push(spent);
        }
      }
      ratios.push({ query, window: window.name, ours: median(times[0]), peer: median(times[1]) });
    }
  }
  for (const { query, window, ours, peer } of ratios.toSorted((a, b) => b.ours / b.peer - a.ours / a.peer)) {
    process.stdout.write(
      `  ${(ours / peer).toFixed(2)}  ${ours.toFixed(1)} / ${peer.toFixed(1)} ms  ${window}  ${query}\n`,
    );
  }
  const ratioFigure = (what: string, chosen: readonly { ours: number; peer: number }[]): Figure => ({
    what,
    unit: "ratio",
    better: "lower",
    ours: [Math.exp(chosen.reduce((sum, { ours, peer }) => sum + Math.log(ours / peer), 0) / chosen.length)],
    peer: [],
  });
  return [
    ratioFigure("geometric mean of all", ratios),
    ...QUERY_WINDOWS.map(({ name }) =>
      ratioFigure(
        `geometric mean, ${name}`,
        ratios.filter(({ window }) => window === name),
      ),
    ),
    {
      what: "highest of all",
      unit: "ratio",
      better: "lower",
      ours: [Math.max(...ratios.map(({ ours, peer }) => ours / peer))],
      peer: [],
    },
  ];
}

async function warmUp(side: Side): Promise<void> {
  for (let pass = 0; pass < WARM_PASSES; pass++) {
    for (const window of QUERY_WINDOWS) for (const query of QUERY_SET) await timed(side, query, window);
  }
}

const urlOf = (base: string, query: string, { rangeMs, stepMs }: QueryWindow): string =>
  `${base}/api/v1/query_range?${new URLSearchParams({
    query,
    start: String((DATA_END + 1 - rangeMs) / 1000),
    end: String((DATA_END + 1) / 1000),
    step: String(stepMs / 1000),
  }).toString()}`;

async function timed({ base }: Side, query: string, window: QueryWindow): Promise<number> {
  const began = performance.now();
  const response = await fetch(urlOf(base, query, window));
  const body = await response.text();
  if (!response.ok) throw new Error(`${query}: ${response.status} ${body.slice(0, 300)}`);
  return performance.now() - began;
}

/** Queries per second with several clients, each asking one query after the other. */
async function clients(own: Side, theirs: Side): Promise<Figure> {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < 3; round++) {
    for (const [i, side] of [own, theirs].entries()) {
      const end = performance.now() + CLIENTS_MS;
      let asked = 0;
      const ask = async (first: number): Promise<void> => {
        for (let n = first; performance.now() < end; n += 7) {
          await timed(side, QUERY_SET[n % QUERY_SET.length]!, QUERY_WINDOWS[n % QUERY_WINDOWS.length]!);
          asked++;
        }
      };
      await Promise.all(Array.from({ length: CLIENTS }, (_, client) => ask(client * 5)));
      rates[i]!.push((asked * 1000) / CLIENTS_MS);
    }
  }
  return {
    what: `queries per second, ${CLIENTS} clients`,
    unit: "1/s",
    better: "higher",
    ours: rates[0],
    peer: rates[1],
  };
}

const memory = (own: Side, theirs: Side): Figure => ({
  what: "peak memory",
  unit: "MB",
  better: "lower",
  ours: [own.program.peakBytes() / 1e6],
  peer: [theirs.program.peakBytes() / 1e6],
});
