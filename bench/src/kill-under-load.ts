import { type Contender, contenders } from "./contenders.ts";
import { rounds } from "./flags.ts";
import { inTurn } from "./in-turn.ts";
import { LiveTargets, parseShape, shapeName } from "./live-targets.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion } from "./servers.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const SHAPE = parseShape("50x1000@1s");
const CLIENTS = 8;
/** Number of scrapes of each target before the server is killed. */
const SCRAPES = 10;
const PATIENCE_MS = 120_000;
const QUERY = "sum by (target) (rate({__name__=~'live_.+'}[1m]))";

/** Address of the server to which clients send queries. The address changes with each start. */
interface QueriedServer {
  base: string;
}

interface Restarted {
  readonly readySeconds: number;
  readonly cpuSeconds: number;
}

/**
 * Kills a server that scrapes while clients send queries, and starts it again. The clients and the targets continue, so
 * the new process shares the machine with them from its first moment.
 */
export const killUnderLoadCase: BenchCase = {
  name: "kill-under-load",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const taken = new Map<string, Restarted[]>();
    const sides = contenders().filter(({ name }) => name !== "VictoriaMetrics");
    for (let round = 0; round < ROUNDS; round++) {
      const turns = sides.map((side) => async () => {
        taken.set(side.name, [...(taken.get(side.name) ?? []), await restarted(side)]);
      });
      for (const turn of inTurn(turns, round)) await turn();
    }
    const figure = (what: string, unit: string, of: (one: Restarted) => number): Figure => {
      const values = (name: string): number[] => (taken.get(name) ?? []).map(of);
      const [ours, before, peer] = [values("ours"), values("before"), values("Prometheus")];
      return { what, unit, better: "lower", ours, before, peer };
    };
    return {
      setting: `${shapeName(SHAPE)} and ${CLIENTS} clients, killed after ${SCRAPES} scrapes; ${prometheusVersion()}`,
      figures: [
        figure("start to ready", "s", ({ readySeconds }) => readySeconds),
        figure("CPU until then", "s", ({ cpuSeconds }) => cpuSeconds),
      ],
    };
  },
};

async function restarted(side: Contender): Promise<Restarted> {
  using folder = new ScratchFolder();
  await using targets = await LiveTargets.start(SHAPE);
  const config = await targets.config();
  const stopped = new AbortController();
  const queried: QueriedServer = { base: "" };
  let clients: readonly Promise<void>[] = [];
  try {
    await using first = await side.start(folder.path, config);
    queried.base = first.base;
    clients = Array.from({ length: CLIENTS }, () => queryUntil(queried, stopped.signal));
    await targets.scrapedTimes(SCRAPES, PATIENCE_MS);
    first.program.kill();
    await first[Symbol.asyncDispose]();
    const began = performance.now();
    await using second = await side.start(folder.path, config);
    const readySeconds = (performance.now() - began) / 1000;
    return { readySeconds, cpuSeconds: second.program.tree().cpuSeconds };
  } finally {
    stopped.abort();
    await Promise.all(clients);
  }
}

/** Sends query after query until the signal aborts. Ignores failed queries, because the server is killed meanwhile. */
async function queryUntil(queried: QueriedServer, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ query: QUERY }).toString();
  while (!signal.aborted) {
    try {
      await (await fetch(`${queried.base}/api/v1/query?${query}`, { signal })).arrayBuffer();
    } catch {
      await pause(10);
    }
  }
}
