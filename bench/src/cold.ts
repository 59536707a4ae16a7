import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskFiles, folderBytes, listBlocks, rewriteBlocks } from "@narthex/tsdb";
import { rounds } from "./flags.ts";
import { writeMixedData } from "./mixed-data.ts";
import { DATA_END, writeQueryData } from "./query-data.ts";
import { QUERY_SET } from "./query-set.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { timeQuery, type Server, startOurs } from "./servers.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const RANGE_S = 86_400;
/** Each later pass shifts its time range by this number of seconds. Caches therefore do not contain its answers. */
const SHIFT_S = 60;
const LATER_PASSES = 3;

interface Sizes {
  readonly chunks: number;
  readonly all: number;
}

/**
 * Measures the cold storage tier. The comparison value is this project's server with the same blocks in Prometheus'
 * format.
 */
export const coldCase: BenchCase = {
  name: "cold",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    try {
      const series = writeQueryData(join(folder, "site"));
      writeMixedData(join(folder, "mixed"));
      const figures: Figure[] = [];
      for (const data of ["site", "mixed"]) figures.push(...(await sizesOf(folder, data)));
      return {
        setting: `the ${series} series of "queries", and a mix of noisier ones; cold as ours, hot as peer; ${QUERY_SET.length} queries × 24 h at 300 s`,
        figures: [...figures, ...(await queryFigures(folder))],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function sizesOf(folder: string, data: string): Promise<Figure[]> {
  const hot = bytesPerSample(join(folder, data));
  const coldDir = join(folder, `${data}-cold`);
  cpSync(join(folder, data), coldDir, { recursive: true });
  const began = process.cpuUsage();
  await rewriteBlocks(coldDir, { columnar: true, minAgeMs: 0, onBlock: () => {} });
  const { user, system } = process.cpuUsage(began);
  const cold = bytesPerSample(coldDir);
  const figure = (what: string, unit: string, ours: number, peer: number[]): Figure => ({
    what: `${data}: ${what}`,
    unit,
    better: "lower",
    ours: [ours],
    peer,
  });
  return [
    figure("chunk data per sample", "B", cold.chunks, [hot.chunks]),
    figure("block per sample, index included", "B", cold.all, [hot.all]),
    figure("CPU of rewriting per sample", "µs", (user + system) / samplesOf(coldDir), []),
  ];
}

const samplesOf = (dir: string): number =>
  listBlocks(dir).blocks.reduce((sum, { meta }) => sum + (meta.stats?.numSamples ?? 0), 0);

function bytesPerSample(dir: string): Sizes {
  let [chunks, all] = [0, 0];
  for (const block of listBlocks(dir).blocks) {
    all += block.sizeBytes;
    for (const name of readdirSync(block.dir)) {
      if (name === "chunks" || name === "columns") chunks += folderBytes(join(block.dir, name), diskFiles);
    }
  }
  const samples = samplesOf(dir);
  return { chunks: chunks / samples, all: all / samples };
}

/** Measures the CPU time of the process for all queries, in the first pass after the start and in later passes. */
async function queryFigures(folder: string): Promise<Figure[]> {
  const [cold, hot] = [[], []] as [[number, number][], [number, number][]];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [data, into] of [
      ["site-cold", cold],
      ["site", hot],
    ] as const) {
      await using server = await startOurs(folder, data);
      const first = await passCpu(server, 0);
      let later = 0;
      for (let pass = 1; pass <= LATER_PASSES; pass++) later += await passCpu(server, pass);
      into.push([first, later / LATER_PASSES]);
      rmSync(join(folder, `${data}-ours`), { recursive: true });
    }
  }
  return (["all queries over 24 h, first pass", "… a later pass"] as const).map((what, i) => ({
    what: `${what}, CPU`,
    unit: "s",
    better: "lower",
    ours: cold.map((pass) => pass[i]!),
    peer: hot.map((pass) => pass[i]!),
  }));
}

async function passCpu(server: Server, pass: number): Promise<number> {
  const before = server.program.tree().cpuSeconds;
  const end = (DATA_END + 1) / 1000 - pass * SHIFT_S;
  for (const query of QUERY_SET) {
    await timeQuery(server, "query_range", { query, start: String(end - RANGE_S), end: String(end), step: "300" });
  }
  return server.program.tree().cpuSeconds - before;
}
