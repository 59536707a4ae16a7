import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";

const peerProgram = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus-pushgateway");
const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const SCALE = scale();
/** Numbers of groups in the Pushgateway before the measured pushes. */
const SIZES = [100, 1_000, 4_000, 10_000].map((size) => Math.max(20, Math.round(size * SCALE)));
/** Number of groups for which reading /metrics is measured. */
const READ_SIZE = SIZES[2]!;
const SERIES = 10;
/**
 * Number of pushes in a round. The number is small, because a push takes the original Pushgateway a hundred times as
 * long as ours.
 */
const PUSHES = 30;
const READS = 5;
/** Number of unmeasured warm-up pushes: programs run for weeks, so their first seconds do not matter. */
const WARM_PUSHES = 600;
const WARM_READS = 15;

type Kind = "ours" | "ours, kept" | "peer";

interface Side {
  readonly kind: Kind;
  readonly program: Program;
  readonly base: string;
  readonly agent: Agent;
  readonly pushMs: number[];
  readonly pushCpu: number[];
  readonly readCpu: Readonly<Record<Encoding, number[]>>;
  readonly readMs: Readonly<Record<Encoding, number[]>>;
}

type Encoding = "identity" | "gzip";

/** Measures a push into a Pushgateway that already has many groups, and a scrape of that Pushgateway. */
export const pushgatewayCase: BenchCase = {
  name: "pushgateway",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    for (const size of SIZES) figures.push(...(await measure(size)));
    return { setting: setting(), figures };
  },
};

const setting = (): string =>
  `groups of ${SERIES} series, pushed over one connection, consistency check on; ${execFileSync(peerProgram, ["--version"], { encoding: "utf8" }).split("\n")[0]}`;

async function measure(size: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  const sides: Side[] = [];
  try {
    for (const kind of ["ours", "ours, kept", "peer"] as const) sides.push(await start(kind, folder, size));
    for (const side of sides) await warm(side, size);
    for (let round = 0; round < ROUNDS; round++) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await measurePushes(side, size, round);
    }
    if (size === READ_SIZE) {
      for (const encoding of ["identity", "gzip"] as const) {
        for (let round = 0; round < ROUNDS; round++)
          for (const side of sides) await measureReads(side, encoding, round);
      }
    }
    return figuresOf(size, sides);
  } finally {
    for (const { program, agent } of sides) {
      agent.destroy();
      await program[Symbol.asyncDispose]();
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(size: number, sides: readonly Side[]): Figure[] {
  const of = (kind: Kind): Side => sides.find((side) => side.kind === kind)!;
  const figure = (
    what: string,
    unit: string,
    values: (side: Side) => readonly number[],
    kind: Kind = "ours",
  ): Figure => {
    const name = kind === "ours" ? what : `${what}, --persistence.file`;
    return { what: name, unit, better: "lower", ours: values(of(kind)), peer: values(of("peer")) };
  };
  const figures = [
    figure(`push into ${size} groups, p50 by the clock`, "ms", ({ pushMs }) => pushMs),
    figure(`push into ${size} groups, p50 by the clock`, "ms", ({ pushMs }) => pushMs, "ours, kept"),
    figure(`push into ${size} groups, CPU`, "ms", ({ pushCpu }) => pushCpu),
    figure(`push into ${size} groups, CPU`, "ms", ({ pushCpu }) => pushCpu, "ours, kept"),
    figure(`resident memory with ${size} groups`, "MB", ({ program }) => [program.residentBytes() / 2 ** 20]),
  ];
  if (size !== READ_SIZE) return figures;
  for (const [encoding, name] of [
    ["identity", "plain"],
    ["gzip", "gzip"],
  ] as const) {
    const what = `GET /metrics of ${size} groups after a push, ${name}`;
    figures.push(
      figure(`${what}, by the clock`, "ms", ({ readMs }) => readMs[encoding]),
      figure(`${what}, CPU`, "ms", ({ readCpu }) => readCpu[encoding]),
    );
  }
  return figures;
}

async function start(kind: Kind, folder: string, size: number): Promise<Side> {
  // The original Pushgateway reads all groups on each push for its consistency check. The benchmark therefore fills it
  // without the check and restarts it with the check.
  if (kind === "peer") {
    const file = [`--persistence.file=${join(folder, "peer")}`];
    const unchecked = await launch(kind, [...file, "--push.disable-consistency-check"]);
    await fill(unchecked, size);
    unchecked.agent.destroy();
    await unchecked.program[Symbol.asyncDispose]();
    return launch(kind, file);
  }
  const side = await launch(kind, kind === "ours" ? [] : [`--persistence.file=${join(folder, "ours")}`]);
  await fill(side, size);
  return side;
}

async function launch(kind: Kind, flags: readonly string[]): Promise<Side> {
  const port = await freePort();
  const args = [...flags, `--web.listen-address=127.0.0.1:${port}`];
  const program =
    kind === "peer"
      ? new Program(peerProgram, args)
      : new Program(new URL("../../bin/narthex", import.meta.url).pathname, ["pushgateway", ...args]);
  const base = `http://127.0.0.1:${port}`;
  await program.ready(`${base}/-/ready`);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const none = (): Record<Encoding, number[]> => ({ identity: [], gzip: [] });
  return { kind, program, base, agent, pushMs: [], pushCpu: [], readCpu: none(), readMs: none() };
}

async function fill(side: Side, size: number): Promise<void> {
  for (let i = 0; i < size; i++) await push(side, i, i);
}

/**
 * Sends warm-up pushes. The original Pushgateway gets only a few: its pushes are slow if there are many groups, and its
 * code needs no compilation at run time.
 */
async function warm(side: Side, size: number): Promise<void> {
  const isPeer = side.kind === "peer";
  for (let i = 0; i < (isPeer ? 3 : WARM_PUSHES); i++) await push(side, i % size, i);
  if (size !== READ_SIZE) return;
  for (let i = 0; i < (isPeer ? 3 : WARM_READS); i++) {
    await push(side, i % size, i);
    await exchange(side, "GET", "/metrics", undefined, i % 2 === 0 ? "identity" : "gzip");
  }
}

async function measurePushes(side: Side, size: number, round: number): Promise<void> {
  const times: number[] = [];
  await pause(100);
  const cpu = side.program.cpuSeconds();
  for (let i = 0; i < PUSHES; i++) {
    const began = performance.now();
    await push(side, (round * PUSHES + i * 37) % size, i);
    times.push(performance.now() - began);
  }
  await pause(100);
  side.pushMs.push(median(times));
  side.pushCpu.push(((side.program.cpuSeconds() - cpu) * 1000) / PUSHES);
}

async function measureReads(side: Side, encoding: Encoding, round: number): Promise<void> {
  const times: number[] = [];
  let cpu = 0;
  for (let i = 0; i < READS; i++) {
    await push(side, (round * READS + i) % READ_SIZE, i);
    const before = side.program.cpuSeconds();
    const began = performance.now();
    await exchange(side, "GET", "/metrics", undefined, encoding);
    times.push(performance.now() - began);
    cpu += side.program.cpuSeconds() - before;
  }
  side.readMs[encoding].push(median(times));
  side.readCpu[encoding].push((cpu * 1000) / READS);
}

/** Pushes ten series of five metric families, as a batch job does. */
function push(side: Side, group: number, value: number): Promise<void> {
  let body = "";
  for (let family = 0; family < SERIES / 2; family++) {
    body += `# HELP batch_step_${family}_seconds How long a step took.\n# TYPE batch_step_${family}_seconds gauge\n`;
    for (const stage of ["read", "write"])
      body += `batch_step_${family}_seconds{stage="${stage}"} ${value}.${family}25\n`;
  }
  return exchange(side, "PUT", `/metrics/job/nightly/instance/host-${group}`, body);
}

function exchange(
  { base, agent }: Side,
  method: string,
  path: string,
  body?: string,
  encoding: Encoding = "identity",
): Promise<void> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const headers = { "accept-encoding": encoding, ...length };
    const sent = request(`${base}${path}`, { method, agent, headers }, (response) => {
      response.resume().once("end", () => {
        if (response.statusCode! < 300) resolve();
        else reject(new Error(`${method} ${path}: status ${response.statusCode}`));
      });
    });
    sent.once("error", reject).end(body);
  });
}
