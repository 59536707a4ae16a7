import { type Agent, request } from "node:http";
import { rounds, scale } from "./flags.ts";
import { type IngestSide, ingestInTurns } from "./ingest-in-turns.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { prometheusVersion } from "./servers.ts";
import { WRITE_HEADERS, writeRequest } from "./write-request.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const SCALE = scale();
/** Number of requests that together contain each series once. */
const REQUESTS = Math.max(2, Math.round(50 * SCALE));
const WARM_PASSES = 6;
const PASSES = 6;

interface Shape {
  readonly what: string;
  readonly seriesPerRequest: number;
  /** Sends each request on its own connection, and all requests of a pass at the same time. */
  readonly hasOwnConnections: boolean;
}

const SHAPES: readonly Shape[] = [
  { what: "2,000 series a request, one connection", seriesPerRequest: 2000, hasOwnConnections: false },
  { what: "50 senders, new connections, 200 series a request", seriesPerRequest: 200, hasOwnConnections: true },
];

/** Sends remote write requests to each server in turns, with the same requests. Measures the CPU time per sample. */
export const remoteWriteCase: BenchCase = {
  name: "remote-write-in",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    for (const shape of SHAPES) figures.push(...(await measure(shape)));
    return {
      setting: `remote write 1.0, ${REQUESTS} requests a pass, ${PASSES} passes a round after ${WARM_PASSES}, 8 labels; ${prometheusVersion()}`,
      figures,
    };
  },
};

const measure = (shape: Shape): Promise<Figure[]> =>
  ingestInTurns({
    what: shape.what,
    flags: ["--web.enable-remote-write-receiver"],
    rounds: ROUNDS,
    samples: PASSES * REQUESTS * shape.seriesPerRequest,
    async warm(side) {
      for (let pass = 0; pass < WARM_PASSES; pass++) await send(side, shape);
    },
    async round(side) {
      for (let pass = 0; pass < PASSES; pass++) await send(side, shape);
    },
  });

/** Sends one sample of each series in the requests of one pass. */
async function send(side: IngestSide, shape: Shape): Promise<void> {
  const time = Date.now() - 3_000_000 + side.sent++ * 1000;
  const bodies = Array.from({ length: REQUESTS }, (_, sender) =>
    writeRequest({ sender, first: 0, series: shape.seriesPerRequest, time }),
  );
  if (shape.hasOwnConnections) await Promise.all(bodies.map((body) => post(side, body)));
  else for (const body of bodies) await post(side, body, side.agent);
}

function post({ server }: IngestSide, body: Uint8Array, agent?: Agent): Promise<void> {
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
