import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { inTurn } from "./in-turn.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { fillStartLog, type LogShape } from "./start-log.ts";

const SCALE = scale();
const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const SERIES = Math.round(100_000 * SCALE);
const SNAPSHOT_PATIENCE_MS = 60_000;

const LOGS: Readonly<Record<string, LogShape>> = {
  "a tenth of the series, 100 s at 15 s": { series: SERIES / 10, rounds: 7, intervalMs: 15_000 },
  "100 s at 15 s": { series: SERIES, rounds: 7, intervalMs: 15_000 },
  "100 s at 1 s": { series: SERIES, rounds: 100, intervalMs: 1000 },
  "2 h at 15 s": { series: SERIES, rounds: 480, intervalMs: 15_000 },
};

interface Started {
  readonly readySeconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

const UNITS: Readonly<Record<keyof Started, readonly [what: string, unit: string]>> = {
  readySeconds: ["start to ready", "s"],
  cpuSeconds: ["CPU until then", "s"],
  peakMegabytes: ["peak memory until then", "MB"],
};

/** Flag that makes Prometheus write a memory snapshot when it stops, and read the snapshot when it starts. */
const PEER_SNAPSHOTS = "--enable-feature=memory-snapshot-on-shutdown";

/**
 * Measures the start on a copy of a folder: after a kill, with write-ahead logs of several lengths, and with a snapshot
 * of the head.
 */
export const startCase: BenchCase = {
  name: "start",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const peer = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
    const ours = new URL("../../bin/narthex", import.meta.url).pathname;
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    writeFileSync(join(folder, "prometheus.yml"), "");
    try {
      const figures: Figure[] = [];
      for (const [name, shape] of Object.entries(LOGS)) {
        const filled = join(folder, "filled");
        await fillStartLog(filled, shape);
        const own: Side = { command: ours, first: ["server"], filled };
        figures.push(...(await compare(name, folder, own, { command: peer, first: [], filled })));
        if (name === "2 h at 15 s") {
          const peerFilled = join(folder, "peer-filled");
          cpSync(filled, peerFilled, { recursive: true });
          await takeSnapshot(ours, folder, filled);
          await takePeerSnapshot(peer, folder, peerFilled);
          const theirs: Side = { command: peer, first: [PEER_SNAPSHOTS], filled: peerFilled };
          figures.push(...(await compare(`${name}, each with its own snapshot`, folder, own, theirs)));
          rmSync(peerFilled, { recursive: true });
        }
        rmSync(filled, { recursive: true });
      }
      return {
        setting: `${SERIES} series of 5 to 9 labels; ${execFileSync(peer, ["--version"], { encoding: "utf8" }).split("\n")[0]}`,
        figures,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A program with its flags, and a data folder. Each start of the program uses a copy of this folder. */
interface Side {
  readonly command: string;
  readonly first: readonly string[];
  readonly filled: string;
}

async function compare(name: string, folder: string, ours: Side, peer: Side): Promise<Figure[]> {
  const [own, theirs]: [Started[], Started[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [
      async () => own.push(await measured(ours, folder)),
      async () => theirs.push(await measured(peer, folder)),
    ];
    for (const turn of inTurn(turns, round)) await turn();
  }
  return (Object.keys(UNITS) as (keyof Started)[]).map((key) => ({
    what: `${name}: ${UNITS[key][0]}`,
    unit: UNITS[key][1],
    better: "lower",
    ours: own.map((one) => one[key]),
    peer: theirs.map((one) => one[key]),
  }));
}

async function measured({ command, first, filled }: Side, folder: string): Promise<Started> {
  const data = join(folder, "data");
  cpSync(filled, data, { recursive: true });
  try {
    const began = performance.now();
    await using program = await ready(command, first, folder, data);
    const readySeconds = (performance.now() - began) / 1000;
    const started = {
      readySeconds,
      cpuSeconds: program.tree().cpuSeconds,
      peakMegabytes: program.peakBytes() / 1e6,
    };
    program.kill();
    return started;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function ready(command: string, args: readonly string[], folder: string, data: string): Promise<Program> {
  const port = await freePort();
  const program = new Program(command, [
    ...args,
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await program.ready(`http://127.0.0.1:${port}/-/ready`);
  return program;
}

/** Runs this project's server on the folder until it has written a memory snapshot, and kills it. */
async function takeSnapshot(command: string, folder: string, data: string): Promise<void> {
  const quick = ["--storage.tsdb.memory-snapshot-interval=1s", "--storage.tsdb.block-reload-interval=1s"];
  await using program = await ready(command, ["server", ...quick], folder, data);
  for (let waited = 0; !hasSnapshot(data); waited += 100) {
    if (waited > SNAPSHOT_PATIENCE_MS) throw new Error("no snapshot was written");
    await pause(100);
  }
  program.kill();
}

/** Runs Prometheus on the folder and then stops it. Prometheus writes a memory snapshot when it stops. */
async function takePeerSnapshot(command: string, folder: string, data: string): Promise<void> {
  {
    await using _ = await ready(command, [PEER_SNAPSHOTS], folder, data);
  }
  if (!hasSnapshot(data)) throw new Error(`${command} wrote no snapshot`);
}

const hasSnapshot = (data: string): boolean =>
  existsSync(data) && readdirSync(data).some((name) => /^chunk_snapshot\.[\d.]+(?:\.batches)?$/.test(name));
