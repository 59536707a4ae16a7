import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contender, contenders, type LiveServer } from "./contenders.ts";
import type { Figure } from "./report.ts";

/** A server that receives samples, with its measurements. */
export interface IngestSide {
  readonly name: Contender["name"];
  readonly server: LiveServer;
  /** HTTP agent with a single keep-alive connection. */
  readonly agent: Agent;
  /** CPU time of each round, in µs per sample. */
  readonly cpu: number[];
  /** Number of requests so far. The sample times are computed from this number. The benchmark increments the number. */
  sent: number;
}

export interface Ingest {
  readonly what: string;
  /** Command-line flags of this project's server and of Prometheus. */
  readonly flags: readonly string[];
  /** Reports whether a program accepts the requests of this benchmark; default: all programs do. */
  readonly accepts?: (name: Contender["name"]) => boolean;
  readonly rounds: number;
  /** Number of samples that one call of round() sends. */
  readonly samples: number;
  readonly warm: (side: IngestSide) => Promise<void>;
  readonly round: (side: IngestSide) => Promise<void>;
}

/**
 * Sends the same samples to all programs. In each round, the programs receive samples one after the other. Returns the
 * CPU time per sample, and the memory at the end.
 */
export async function ingestInTurns(ingest: Ingest): Promise<Figure[]> {
  const { flags, accepts = () => true, rounds, samples, warm, round } = ingest;
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  const sides: IngestSide[] = [];
  try {
    for (const contender of contenders(flags).filter(({ name }) => accepts(name))) {
      const own = join(folder, contender.name);
      mkdirSync(own);
      const server = await contender.start(own, "scrape_configs: []\n");
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      sides.push({ name: contender.name, server, agent, cpu: [], sent: 0 });
    }
    for (const side of sides) await warm(side);
    for (let i = 0; i < rounds; i++) {
      for (const side of i % 2 === 0 ? sides : sides.toReversed()) {
        const before = side.server.program.tree().cpuSeconds;
        await round(side);
        const spent = side.server.program.tree().cpuSeconds - before;
        side.cpu.push((spent * 1e6) / samples);
      }
    }
    return figuresOf(ingest.what, sides);
  } finally {
    for (const { agent, server } of sides) {
      agent.destroy();
      await server[Symbol.asyncDispose]();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(what: string, sides: readonly IngestSide[]): Figure[] {
  const of = (name: Contender["name"]): IngestSide | undefined => sides.find((side) => side.name === name);
  const memory = (name: Contender["name"]): number[] =>
    [of(name)].flatMap((side) => (side === undefined ? [] : [side.server.program.tree().residentBytes / 2 ** 20]));
  const figure = (kind: string, unit: string, values: (name: Contender["name"]) => readonly number[]): Figure => ({
    what: `${what}: ${kind}`,
    unit,
    better: "lower",
    ours: values("ours"),
    before: values("before"),
    peer: values("Prometheus"),
    victoria: values("VictoriaMetrics"),
  });
  return [
    figure("CPU per sample", "µs", (name) => of(name)?.cpu ?? []),
    figure("resident memory afterwards", "MB", memory),
  ];
}
