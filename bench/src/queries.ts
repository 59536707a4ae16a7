import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rounds } from "./flags.ts";
import { DATA_END, writeQueryData } from "./query-data.ts";
import { QUERY_SET, QUERY_WINDOWS, type QueryWindow } from "./query-set.ts";
import { type QueryParams, type Compared, measure, memoryDuring, ratioFigures, warmUp } from "./query-times.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { timeQuery, prometheusVersion, type Server, startOurs, startPrometheus, startVictoria } from "./servers.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS) * 3;
const WARM_PASSES = 5;
const CLIENTS = 4;
const CLIENTS_MS = 10_000;

const rangeQuery = (query: string, { name, rangeMs, stepMs }: QueryWindow): QueryParams => ({
  path: "query_range",
  parameters: {
    query,
    start: String((DATA_END + 1 - rangeMs) / 1000),
    end: String((DATA_END + 1) / 1000),
    step: String(stepMs / 1000),
  },
  group: name,
});

const QUERIES: readonly QueryParams[] = QUERY_WINDOWS.flatMap((window) =>
  QUERY_SET.map((query) => rangeQuery(query, window)),
);

/** Query with the largest result: every stored sample. */
const EVERYTHING = rangeQuery('{__name__!=""}', { name: "24 h at 15 s", rangeMs: 86_400_000, stepMs: 15_000 });

/** Measures everyday queries over HTTP, including JSON encoding. All servers have a copy of the same blocks. */
export const queriesCase: BenchCase = {
  name: "queries",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    try {
      const series = writeQueryData(join(folder, "blocks"));
      const figures: Figure[] = [];
      let heaviest: QueryParams;
      {
        await using servers = await startAll(folder);
        await warmUp(servers, QUERIES, WARM_PASSES);
        const times = await measure(servers, QUERIES, ROUNDS);
        heaviest = times.reduce((most, one) => (one.peer > most.peer ? one : most)).query;
        figures.push(...ratioFigures(times), await clients(servers), peakOfAll(servers));
      }
      for (const [what, query] of [
        [`the heaviest of them (${heaviest.parameters["query"]}, ${heaviest.group})`, heaviest],
        ["all samples there are", EVERYTHING],
      ] as const) {
        await using servers = await startAll(folder);
        figures.push(await memoryDuring(servers, what, query));
      }
      return {
        setting: `${QUERY_SET.length} queries × ${QUERY_WINDOWS.length} windows, ${series} series × 24 h × 15 s; p50 of ${ROUNDS}; ${prometheusVersion()}`,
        figures,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Starts each server on its own copy of the blocks. */
async function startAll(folder: string): Promise<Compared & AsyncDisposable> {
  const ours = await startOurs(folder, "blocks");
  const peer = await startPrometheus(folder, "blocks");
  const victoria = await startVictoria(folder, join(folder, "blocks"));
  return {
    ours,
    peer,
    victoria,
    async [Symbol.asyncDispose]() {
      for (const server of [ours, peer, victoria]) await server?.[Symbol.asyncDispose]();
      for (const data of ["blocks-ours", "blocks-theirs", "victoria"])
        rmSync(join(folder, data), { recursive: true, force: true });
    },
  };
}

/**
 * Measures queries per second with several clients. Each client sends its next query when its previous query is
 * answered.
 */
async function clients({ ours, peer, victoria }: Compared): Promise<Figure> {
  const rates = { ours: [] as number[], peer: [] as number[], victoria: [] as number[] };
  for (let round = 0; round < 3; round++) {
    rates.ours.push(await rateOf(ours));
    rates.peer.push(await rateOf(peer));
    if (victoria !== undefined) rates.victoria.push(await rateOf(victoria));
  }
  return { what: `queries per second, ${CLIENTS} clients`, unit: "1/s", better: "higher", ...rates };
}

async function rateOf(server: Server): Promise<number> {
  const end = performance.now() + CLIENTS_MS;
  let sent = 0;
  const client = async (first: number): Promise<void> => {
    for (let n = first; performance.now() < end; n += 7) {
      const query = QUERY_SET[n % QUERY_SET.length]!;
      const { path, parameters } = rangeQuery(query, QUERY_WINDOWS[n % QUERY_WINDOWS.length]!);
      await timeQuery(server, path, parameters);
      sent++;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i * 5)));
  return (sent * 1000) / CLIENTS_MS;
}

const peakOfAll = ({ ours, peer, victoria }: Compared): Figure => ({
  what: "peak memory of all that, start included",
  unit: "MB",
  better: "lower",
  ours: [ours.program.peakBytes() / 1e6],
  peer: [peer.program.peakBytes() / 1e6],
  victoria: victoria === undefined ? undefined : [victoria.program.peakBytes() / 1e6],
});
