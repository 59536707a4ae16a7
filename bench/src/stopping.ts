import { contenders } from "./contenders.ts";
import { rounds } from "./flags.ts";
import { LiveTargets, parseShape, shapeName } from "./live-targets.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion, type Server } from "./servers.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const SHAPE = parseShape("50x1000@1s");
const CLIENTS = 8;
/** Number of scrapes of each target before the load is considered stable. */
const SCRAPES = 10;
const SCRAPES_PATIENCE_MS = 120_000;
const QUERY = "sum by (target) (rate({__name__=~'live_.+'}[1m]))";

/** Limits in ms of the time to stop. Orchestrators kill a container ten seconds after the stop signal. */
const BOUND_MS = { idle: 2000, load: 10_000 } as const;

/** Time from SIGTERM to the exit of a server: idle, and while it scrapes and eight clients send queries. */
export const stoppingCase: BenchCase = {
  name: "stopping",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const idle = new Map<string, number[]>();
    const load = new Map<string, number[]>();
    await using targets = await LiveTargets.start(SHAPE);
    const sides = contenders().filter(({ name }) => name !== "VictoriaMetrics");
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        using folder = new ScratchFolder();
        add(idle, side.name, await stopMs(await side.start(folder.path, "scrape_configs: []\n")));
        using busy = new ScratchFolder();
        add(load, side.name, await stopUnderLoadMs(await side.start(busy.path, await targets.config()), targets));
      }
    }
    const figure = (what: string, of: ReadonlyMap<string, number[]>): Figure => ({
      what,
      unit: "ms",
      better: "lower",
      ours: of.get("ours") ?? [],
      before: of.get("before"),
      peer: of.get("Prometheus") ?? [],
    });
    return {
      setting: `from SIGTERM to the exit; load: ${shapeName(SHAPE)} and ${CLIENTS} clients; ${prometheusVersion()}`,
      figures: [figure(`idle, at most ${BOUND_MS.idle}`, idle), figure(`under load, at most ${BOUND_MS.load}`, load)],
    };
  },
};

function add(of: Map<string, number[]>, name: string, value: number): void {
  of.set(name, [...(of.get(name) ?? []), value]);
}

/** Resolves with the time in ms until the program has ended. After a minute the program is killed. */
async function stopMs({ program }: Server): Promise<number> {
  const began = performance.now();
  await program[Symbol.asyncDispose]();
  return performance.now() - began;
}

async function stopUnderLoadMs(server: Server, targets: LiveTargets): Promise<number> {
  const stopped = new AbortController();
  try {
    const before = await targets.scrapes();
    const wanted = before + SHAPE.targets * SCRAPES;
    for (const until = performance.now() + SCRAPES_PATIENCE_MS; (await targets.scrapes()) < wanted; await pause(250))
      if (performance.now() > until) throw new Error("the targets are not scraped");
    const clients = Array.from({ length: CLIENTS }, () => queryUntil(server, stopped.signal));
    await pause(1000);
    const took = await stopMs(server);
    stopped.abort();
    await Promise.all(clients);
    return took;
  } finally {
    stopped.abort();
    await server[Symbol.asyncDispose]();
  }
}

/**
 * Sends query after query until the signal aborts. Ignores the error of a query that fails because the server stops.
 */
async function queryUntil({ base }: Server, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ query: QUERY }).toString();
  while (!signal.aborted) {
    try {
      await (await fetch(`${base}/api/v1/query?${query}`, { signal })).arrayBuffer();
    } catch {
      await pause(10);
    }
  }
}
