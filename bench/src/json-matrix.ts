import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rounds } from "./flags.ts";
import { HealthProbe } from "./health-probe.ts";
import { DATA_END, writeQueryData } from "./query-data.ts";
import { readAnswer } from "./read-answer.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { prometheusVersion, type Server, startOurs, startPrometheus } from "./servers.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const PASSES = 4;
const WARM_PASSES = 4;
const STEPS = 1000;
const STEP_S = 15;

/** URL of a range query for every series with a thousand steps. The server writes JSON fastest for this result. */
export const EVERY_SERIES_PATH = `/api/v1/query_range?${new URLSearchParams({
  query: '{__name__!=""}',
  start: String((DATA_END + 1) / 1000 - (STEPS - 1) * STEP_S),
  end: String((DATA_END + 1) / 1000),
  step: String(STEP_S),
}).toString()}`;

interface Side {
  readonly name: "ours" | "peer";
  readonly server: Server;
  readonly rates: number[];
  readonly cpu: number[];
  readonly longest: number[];
}

/**
 * Requests a large matrix as JSON. Measures the bytes per second for one client, and the delay of health checks
 * meanwhile.
 */
export const jsonMatrixCase: BenchCase = {
  name: "json-matrix",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    const sides: Side[] = [];
    try {
      const series = writeQueryData(join(folder, "blocks"));
      for (const [name, start] of [
        ["ours", startOurs],
        ["peer", startPrometheus],
      ] as const)
        sides.push({ name, server: await start(folder, "blocks"), rates: [], cpu: [], longest: [] });
      let bytes = 0;
      for (const { server } of sides)
        for (let pass = 0; pass < WARM_PASSES; pass++) bytes = await readAnswer(server.base + EVERY_SERIES_PATH);
      for (let round = 0; round < ROUNDS; round++)
        for (const side of round % 2 === 0 ? sides : sides.toReversed()) await measure(side);
      const figure = (what: string, unit: string, better: Figure["better"], of: (side: Side) => number[]): Figure => ({
        what,
        unit,
        better,
        ours: of(sides[0]!),
        peer: of(sides[1]!),
      });
      return {
        setting: `${series} series × ${STEPS} steps, ${(bytes / 1e6).toFixed(0)} MB of JSON, ${PASSES} a round after ${WARM_PASSES}; ${prometheusVersion()}`,
        figures: [
          figure("JSON read by one client", "MB/s", "higher", ({ rates }) => rates),
          figure("CPU per MB", "ms", "lower", ({ cpu }) => cpu),
          figure("the longest that a health check waited", "ms", "lower", ({ longest }) => longest),
        ],
      };
    } finally {
      for (const { server } of sides) await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure({ server, rates, cpu, longest }: Side): Promise<void> {
  const probe = new HealthProbe(`${server.base}/-/healthy`);
  const before = server.program.tree().cpuSeconds;
  const began = performance.now();
  let bytes = 0;
  probe.start();
  for (let pass = 0; pass < PASSES; pass++) bytes += await readAnswer(server.base + EVERY_SERIES_PATH);
  const seconds = (performance.now() - began) / 1000;
  longest.push((await probe.stop()).max);
  rates.push(bytes / 1e6 / seconds);
  cpu.push(((server.program.tree().cpuSeconds - before) * 1000) / (bytes / 1e6));
}
