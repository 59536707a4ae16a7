import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contender, contenders, type LiveServer } from "./contenders.ts";
import { rounds, scale } from "./flags.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { prometheusVersion } from "./servers.ts";
import { Sink } from "./sink.ts";
import { WRITE_HEADERS, writeRequest } from "./write-request.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const SCALE = scale();
const SERIES = 2000;
/** Number of requests per second, which together contain 50,000 samples. */
const REQUESTS = Math.max(1, Math.round(25 * SCALE));
const WARM_SECONDS = 10;
const SECONDS = 15;
const POLL_MS = 50;

interface Measured {
  /** CPU time of the whole process tree per sample, µs. */
  readonly cpu: number;
  /** Delay in seconds: the time from the last received sample until the sender has sent it. */
  readonly behind: number;
}

/**
 * Measures the remote write sender of a server: the cost of sending samples, compared with only storing the same
 * samples, and the delay.
 */
export const remoteWriteOutCase: BenchCase = {
  name: "remote-write-out",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const able = contenders(["--web.enable-remote-write-receiver"]).filter(({ name }) => name !== "VictoriaMetrics");
    const sending = new Map<Contender["name"], number[]>(able.map(({ name }) => [name, []]));
    const behind = new Map<Contender["name"], number[]>(able.map(({ name }) => [name, []]));
    await using sink = await Sink.open();
    for (let round = 0; round < ROUNDS; round++) {
      for (const contender of round % 2 === 0 ? able : able.toReversed()) {
        const without = await measure(contender, "scrape_configs: []\n");
        const queue = "queue_config: {min_shards: 1}";
        const withQueue = await measure(contender, `remote_write: [{url: "${sink.url}", ${queue}}]\n`);
        sending.get(contender.name)!.push(withQueue.cpu - without.cpu);
        behind.get(contender.name)!.push(withQueue.behind);
      }
    }
    const figure = (what: string, unit: string, of: ReadonlyMap<Contender["name"], number[]>): Figure => ({
      what,
      unit,
      better: "lower",
      ours: of.get("ours") ?? [],
      before: of.get("before") ?? [],
      peer: of.get("Prometheus") ?? [],
    });
    return {
      setting: `remote write 1.0 to one destination, ${REQUESTS * SERIES} samples a second of as many series, 8 labels, ${SECONDS} s a round; ${prometheusVersion()}`,
      figures: [
        figure("CPU per sample, beside the same samples without a destination", "µs", sending),
        figure("from the last sample in to the last one out", "s", behind),
      ],
    };
  },
};

async function measure(contender: Contender, config: string): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  mkdirSync(join(folder, "own"));
  const server = await contender.start(join(folder, "own"), config);
  try {
    const start = Date.now();
    await feed(server, start, 0, WARM_SECONDS);
    const before = server.program.tree().cpuSeconds;
    await feed(server, start, WARM_SECONDS, WARM_SECONDS + SECONDS);
    const last = performance.now();
    const isSending = config.includes("remote_write");
    if (isSending) await untilSent(server, (WARM_SECONDS + SECONDS) * REQUESTS * SERIES);
    const behind = (performance.now() - last) / 1000;
    const spent = server.program.tree().cpuSeconds - before;
    return { cpu: (spent * 1e6) / (SECONDS * REQUESTS * SERIES), behind };
  } finally {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends all series once per second. The requests are spread evenly over the second. */
async function feed(server: LiveServer, start: number, from: number, to: number): Promise<void> {
  for (let request = from * REQUESTS; request < to * REQUESTS; request++) {
    const wait = start + (request * 1000) / REQUESTS - Date.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const time = start + Math.floor(request / REQUESTS) * 1000;
    const body = Uint8Array.from(writeRequest({ sender: request % REQUESTS, first: 0, series: SERIES, time }));
    const answer = await fetch(`${server.base}/api/v1/write`, { method: "POST", headers: WRITE_HEADERS, body });
    if (answer.status !== 204) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  }
}

async function untilSent(server: LiveServer, count: number): Promise<void> {
  for (let sent = 0; sent < count;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const page = await (await fetch(`${server.base}/metrics`)).text();
    sent = Number(/^prometheus_remote_storage_samples_total\{.*\} (\S+)$/m.exec(page)?.[1] ?? 0);
  }
}
