import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agents, type Contender, type LiveServer } from "./contenders.ts";
import { numberFlag, rounds } from "./flags.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { prometheusVersion } from "./servers.ts";
import { Sink } from "./sink.ts";
import { Targets } from "./targets.ts";
import { WRITE_HEADERS, writeRequest } from "./write-request.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const SERIES = 100_000;
const PER_TARGET = 1000;
const TARGETS = SERIES / PER_TARGET;
const PER_REQUEST = 2000;
const REQUESTS = SERIES / PER_REQUEST;
const INTERVAL_S = 10;
const IDLE_MS = 15_000;
const SETTLE_S = numberFlag("settle", 50);

/** Sends series to an agent that is measured. */
interface Feed extends AsyncDisposable {
  readonly what: string;
  /**
   * Sends `hundredThousands` × 100,000 series to the agent, of which only the last 100,000 are new. Resolves when the
   * agent's memory can be measured.
   */
  send(server: LiveServer, hundredThousands: number, destination: string): Promise<void>;
}

/** Growth of resident memory in MB after the first and after the second hundred thousand series. */
type Growth = readonly [first: number, second: number];

/** Measures the memory that an agent needs for its series. This project's agent and Prometheus run concurrently. */
export const agentMemoryCase: BenchCase = {
  name: "agent-memory",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    await using sink = await Sink.open();
    await using scraping = await scraped();
    await using receiving = received();
    const able = agents(["--web.enable-remote-write-receiver"]);
    const settings = [scraping, receiving].flatMap((feed) =>
      ["", `remote_write: [{url: "${sink.url}"}]\n`].map((destination) => ({
        what: `${feed.what}, ${destination === "" ? "sent nowhere" : "sent on"}`,
        measure: (contender: Contender) => measure(contender, feed, destination),
        rounds: [] as (readonly Growth[])[],
      })),
    );
    for (let round = 0; round < ROUNDS; round++) {
      for (const { measure: grow, rounds } of settings) rounds.push(await Promise.all(able.map(grow)));
    }
    return {
      setting: `${SERIES} series, and as many again, a sample each ${INTERVAL_S} s; resident memory ${SETTLE_S} s after they came; ${prometheusVersion()}`,
      figures: settings.flatMap(({ what, rounds }) => figuresOf(what, able, rounds)),
    };
  },
};

function figuresOf(what: string, able: readonly Contender[], rounds: readonly (readonly Growth[])[]): Figure[] {
  return ["first", "second"].map((which, step) => {
    const of = (name: Contender["name"]): number[] =>
      rounds.flatMap((round) => round.filter((_, i) => able[i]!.name === name).map((growth) => growth[step]!));
    return {
      what: `${what}: growth over the ${which} ${SERIES} series`,
      unit: "MB",
      better: "lower",
      ours: of("ours"),
      before: of("before"),
      peer: of("Prometheus"),
    };
  });
}

async function measure(contender: Contender, feed: Feed, destination: string): Promise<Growth> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  mkdirSync(join(folder, "own"));
  const server = await contender.start(join(folder, "own"), `${destination}scrape_configs: []\n`);
  try {
    await pause(IDLE_MS);
    const resident: number[] = [];
    for (const hundredThousands of [0, 1, 2]) {
      if (hundredThousands > 0) await feed.send(server, hundredThousands, destination);
      // Measures only the process itself. In a fresh checkout a child process builds the UI, which needs hundreds of
      // MB.
      resident.push(server.program.residentBytes() / 1e6);
    }
    const [idle, first, second] = resident as [number, number, number];
    return [first - idle, second - first];
  } finally {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function scraped(): Promise<Feed> {
  const targets = await Targets.start(PER_TARGET);
  const { port } = await targets.report();
  const jobs = (hundredThousands: number): string =>
    Array.from(
      { length: TARGETS * hundredThousands },
      (_, i) => `{targets: ['127.0.0.1:${port}'], labels: {__metrics_path__: /${i}/metrics, target: '${i}'}}`,
    ).join(", ");
  return {
    what: "scraped",
    async send(server, hundredThousands, destination) {
      await server.reload(
        `global: {scrape_interval: ${INTERVAL_S}s, scrape_timeout: ${INTERVAL_S}s}\n${destination}scrape_configs:\n- job_name: bench\n  static_configs: [${jobs(hundredThousands)}]\n`,
      );
      await pause(SETTLE_S * 1000);
    },
    [Symbol.asyncDispose]: () => targets[Symbol.asyncDispose](),
  };
}

const received = (): Feed => ({
  what: "received",
  async send(server, hundredThousands) {
    const senders = REQUESTS * hundredThousands;
    for (let sent = 0; sent < SETTLE_S; sent += INTERVAL_S) {
      const end = performance.now() + INTERVAL_S * 1000;
      for (let sender = 0; sender < senders; sender++) await post(server, sender);
      await pause(Math.max(0, end - performance.now()));
    }
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

async function post({ base }: LiveServer, sender: number): Promise<void> {
  const body = Uint8Array.from(writeRequest({ sender, first: 0, series: PER_REQUEST, time: Date.now() }));
  const answer = await fetch(`${base}/api/v1/write`, { method: "POST", headers: WRITE_HEADERS, body });
  if (answer.status !== 204) throw new Error(`status ${answer.status}: ${await answer.text()}`);
}
