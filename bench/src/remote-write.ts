import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contender, contenders, type LiveServer } from "./contenders.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { prometheusVersion } from "./servers.ts";
import { WRITE_HEADERS, writeRequest } from "./write-request.ts";

const ROUNDS = Number(process.env["NARTHEX_BENCH_ROUNDS"] ?? 5);
const SCALE = Number(process.env["NARTHEX_BENCH_SCALE"] ?? 1);
/** Requests that bring all series once. */
const REQUESTS = Math.max(2, Math.round(50 * SCALE));
const WARM_PASSES = 6;
const PASSES = 6;

/** How the samples come. */
interface Shape {
  readonly what: string;
  readonly seriesPerRequest: number;
  /** Each request has a connection of its own, and all of a pass are sent at once. */
  readonly hasOwnConnections: boolean;
}

const SHAPES: readonly Shape[] = [
  { what: "2,000 series a request, one connection", seriesPerRequest: 2000, hasOwnConnections: false },
  { what: "50 senders, new connections, 200 series a request", seriesPerRequest: 200, hasOwnConnections: true },
];

interface Side {
  readonly name: Contender["name"];
  readonly server: LiveServer;
  readonly agent: Agent;
  readonly cpu: number[];
  /** Requests so far, by which times go on. */
  passes: number;
}

/** Remote write into a server: CPU time per sample, ours and the peers in turns with the same requests. */
export const remoteWriteCase: BenchCase = {
  name: "remote-write-in",
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    for (const shape of SHAPES) figures.push(...(await measure(shape)));
    return {
      setting: `remote write 1.0, ${REQUESTS} requests a pass, ${PASSES} passes a round after ${WARM_PASSES}, 8 labels; ${prometheusVersion()}`,
      figures,
    };
  },
};

async function measure(shape: Shape): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  const sides: Side[] = [];
  try {
    for (const contender of contenders(["--web.enable-remote-write-receiver"])) {
      const own = join(folder, contender.name);
      mkdirSync(own);
      const server = await contender.start(own, "scrape_configs: []\n");
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      sides.push({ name: contender.name, server, agent, cpu: [], passes: 0 });
    }
    for (const side of sides) for (let pass = 0; pass < WARM_PASSES; pass++) await send(side, shape);
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const before = side.server.program.tree().cpuSeconds;
        for (let pass = 0; pass < PASSES; pass++) await send(side, shape);
        const spent = side.server.program.tree().cpuSeconds - before;
        side.cpu.push((spent * 1e6) / (PASSES * REQUESTS * shape.seriesPerRequest));
      }
    }
    const of = (name: Contender["name"]): Side | undefined => sides.find((side) => side.name === name);
    const memory = (name: Contender["name"]): number[] =>
      [of(name)].flatMap((side) => (side === undefined ? [] : [side.server.program.tree().residentBytes / 2 ** 20]));
    const figure = (what: string, unit: string, values: (name: Contender["name"]) => readonly number[]): Figure => ({
      what: `${shape.what}: ${what}`,
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
  } finally {
    for (const { agent, server } of sides) {
      agent.destroy();
      await server[Symbol.asyncDispose]();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One sample for each series: all requests of a pass. */
async function send(side: Side, shape: Shape): Promise<void> {
  const time = Date.now() - 3_000_000 + side.passes++ * 1000;
  const bodies = Array.from({ length: REQUESTS }, (_, sender) =>
    writeRequest({ sender, first: 0, series: shape.seriesPerRequest, time }),
  );
  if (shape.hasOwnConnections) await Promise.all(bodies.map((body) => post(side, body)));
  else for (const body of bodies) await post(side, body, side.agent);
}

function post({ server }: Side, body: Uint8Array, agent?: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...WRITE_HEADERS,
      "content-length": body.length,
      ...(agent === undefined ? { connection: "close" } : {}),
    };
    const sent = request(
      `${server.base}/api/v1/write`,
      { method: "POST", agent: agent ?? false, headers },
      (response) => {
        response.resume().on("end", () => {
          if (response.statusCode === 204) resolve();
          else reject(new Error(`status ${response.statusCode}`));
        });
      },
    );
    sent.on("error", reject).end(body);
  });
}
