import { execFileSync } from "node:child_process";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { acceptHeader } from "@narthex/exposition";
import { median } from "./calibration.ts";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Number of scrapes in a round, for each encoding and each program. */
const SCRAPES = Math.round(500 * scale());
/** Number of unmeasured warm-up rounds: exporters run for months, so their first seconds do not matter. */
const WARM_ROUNDS = 2;

const ENCODINGS = ["gzip", "identity"] as const;
type Encoding = (typeof ENCODINGS)[number];

/** Headers of Prometheus' requests. */
const HEADERS = {
  "user-agent": "Prometheus/3.5.3",
  accept: acceptHeader(
    ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"],
    "allow-utf-8",
  ),
  "x-prometheus-scrape-timeout-seconds": "10",
};

interface Side {
  readonly program: Program;
  readonly url: string;
  readonly agent: Agent;
  readonly rounds: Readonly<Record<Encoding, { p50: number[]; p99: number[]; cpu: number[] }>>;
}

/** Scrapes a host with the default collectors. Measures the duration and the CPU time of one scrape. */
export const nodeExporterCase: BenchCase = {
  name: "node-exporter",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const sides = [await start("ours"), await start("peer")] as const;
    try {
      for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
        for (const encoding of ENCODINGS) await measure(sides, encoding, round);
      }
      const resident = sides.map(({ program }) => program.residentBytes() / 1024 / 1024);
      const series = [await countSeries(sides[0]), await countSeries(sides[1])];
      return { setting: setting(), figures: figuresOf(sides, resident, series) };
    } finally {
      for (const { program, agent } of sides) {
        agent.destroy();
        await program[Symbol.asyncDispose]();
      }
    }
  },
};

const setting = (): string =>
  `default flags, ${SCRAPES} scrapes a round, in turns; ${execFileSync(join(peers, "prometheus-node-exporter"), ["--version"], { encoding: "utf8" }).split("\n")[0]}`;

async function start(name: "ours" | "peer"): Promise<Side> {
  const listen = `--web.listen-address=127.0.0.1:${await freePort()}`;
  const program =
    name === "ours"
      ? new Program(new URL("../../bin/narthex", import.meta.url).pathname, ["node-exporter", listen])
      : new Program(join(peers, "prometheus-node-exporter"), [listen]);
  const url = `http://${listen.slice(listen.indexOf("=") + 1)}/metrics`;
  await program.ready(url);
  const figures = (): { p50: number[]; p99: number[]; cpu: number[] } => ({ p50: [], p99: [], cpu: [] });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { program, url, agent, rounds: { gzip: figures(), identity: figures() } };
}

/** Runs one round of scrapes. Warm-up rounds have negative numbers, and their times are not recorded. */
async function measure(sides: readonly [Side, Side], encoding: Encoding, round: number): Promise<void> {
  const taken = sides.map((): number[] => []);
  const before = sides.map(({ program }) => program.cpuSeconds());
  for (let i = 0; i < SCRAPES; i++) {
    for (const at of i % 2 === 0 ? [0, 1] : [1, 0]) {
      const began = performance.now();
      await scrape(sides[at]!, encoding);
      taken[at]!.push(performance.now() - began);
    }
  }
  if (round < 0) return;
  for (const [at, { program, rounds }] of sides.entries()) {
    const figures = rounds[encoding];
    figures.cpu.push(((program.cpuSeconds() - before[at]!) * 1000) / SCRAPES);
    figures.p50.push(median(taken[at]!));
    figures.p99.push(taken[at]!.toSorted((a, b) => a - b)[Math.floor(SCRAPES * 0.99)]!);
  }
}

function scrape({ url, agent }: Side, encoding: Encoding): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { ...HEADERS, "accept-encoding": encoding };
    request(url, { agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece)).once("error", reject);
      response.once("end", () => {
        const isRight =
          response.statusCode === 200 && (response.headers["content-encoding"] ?? "identity") === encoding;
        if (isRight) resolve(Buffer.concat(pieces));
        else reject(new Error(`${url}: status ${response.statusCode}, ${response.headers["content-encoding"]}`));
      });
    })
      .once("error", reject)
      .end();
  });
}

async function countSeries(side: Side): Promise<number> {
  const text = gunzipSync(await scrape(side, "gzip")).toString();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}

function figuresOf(sides: readonly [Side, Side], resident: readonly number[], series: readonly number[]): Figure[] {
  const [ours, peer] = sides;
  const figures: Figure[] = ENCODINGS.flatMap((encoding) => {
    const figure = (what: string, of: "p50" | "p99" | "cpu"): Figure => ({
      what: `${what}, ${encoding === "gzip" ? "gzip" : "plain"}`,
      unit: "ms",
      better: "lower",
      ours: ours.rounds[encoding][of],
      peer: peer.rounds[encoding][of],
    });
    return [figure("a scrape, p50", "p50"), figure("a scrape, p99", "p99"), figure("CPU of a scrape", "cpu")];
  });
  const scrapes = (ROUNDS + WARM_ROUNDS) * ENCODINGS.length * SCRAPES;
  const single = (what: string, unit: string, [a, b]: readonly number[]): Figure => {
    return { what, unit, better: "lower", ours: [a!], peer: [b!] };
  };
  return [
    ...figures,
    single(`resident memory after ${scrapes} scrapes`, "MiB", resident),
    single("series", "number", series),
  ];
}
