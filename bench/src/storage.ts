import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillLog, type LogContent } from "./fill-log.ts";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";

const SCALE = scale();
const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const SERIES = Math.round(100_000 * SCALE);
const HOURS = 2;
const SETTLE_MS = 60_000;
const PING_MS = 5;

interface Measured {
  readonly bytesPerSeries: number;
  readonly readySeconds: number;
  readonly replayCpuSeconds: number;
  readonly peakMegabytes: number;
  readonly snapshotCpuSeconds: number;
  readonly snapshotSeconds: number;
  readonly nextSnapshotCpuSeconds: number;
  readonly blockBytesPerSample: number;
  readonly longestAnswerMs: number;
}

/** Measures start time, memory and compaction on copies of a folder with two hours of write-ahead log. */
export const storageCase: BenchCase = {
  name: "storage",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const peer = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
    const ours = new URL("../../bin/narthex", import.meta.url).pathname;
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    try {
      const content = await fillLog(join(folder, "filled"), SERIES, HOURS);
      const [own, theirs]: [Measured[], Measured[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        own.push(await measure(ours, ["server"], folder, content));
        theirs.push(await measure(peer, [], folder, content));
      }
      return {
        setting: `${SERIES} series × 8 labels × ${HOURS} h at 15 s (log ${(content.walBytes / 1e6).toFixed(0)} MB, ${(content.walBytes / content.samples).toFixed(2)} B per sample); memory ${SETTLE_MS / 1000} s after ready less that of an empty start; ${execFileSync(peer, ["--version"], { encoding: "utf8" }).split("\n")[0]}`,
        figures: figures(own, theirs),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const UNITS: Readonly<Record<keyof Measured, readonly [what: string, unit: string]>> = {
  bytesPerSeries: ["memory per active series", "B"],
  readySeconds: ["start to ready", "s"],
  replayCpuSeconds: ["CPU of the start", "s"],
  peakMegabytes: ["peak memory of the start", "MB"],
  snapshotCpuSeconds: ["CPU of a snapshot with head", "s"],
  snapshotSeconds: ["time of a snapshot with head", "s"],
  nextSnapshotCpuSeconds: ["CPU of a second snapshot with head", "s"],
  blockBytesPerSample: ["block, index included, per sample", "B"],
  longestAnswerMs: ["longest answer time of /-/healthy during the snapshot", "ms"],
};

const figures = (own: readonly Measured[], theirs: readonly Measured[]): Figure[] =>
  (Object.keys(UNITS) as (keyof Measured)[]).map((key) => ({
    what: UNITS[key][0],
    unit: UNITS[key][1],
    better: "lower",
    ours: own.map((one) => one[key]),
    peer: theirs.map((one) => one[key]),
  }));

async function measure(
  command: string,
  first: readonly string[],
  folder: string,
  content: LogContent,
): Promise<Measured> {
  const empty = await start(command, first, folder, "empty", async ({ program }) => {
    await pause(SETTLE_MS / 4);
    return program.residentBytes();
  });
  cpSync(join(folder, "filled"), join(folder, "data"), { recursive: true });
  return start(command, first, folder, "data", async ({ program, base, readySeconds }) => {
    const replayCpuSeconds = program.cpuSeconds();
    const peakMegabytes = program.peakBytes() / 1e6;
    await pause(SETTLE_MS);
    const bytesPerSeries = (program.residentBytes() - empty) / content.series;
    const cpu = program.cpuSeconds();
    const began = performance.now();
    const { longestAnswerMs, snapshot } = await watched(base, () => takeSnapshot(base));
    const snapshotCpuSeconds = program.cpuSeconds() - cpu;
    const snapshotSeconds = (performance.now() - began) / 1000;
    const between = program.cpuSeconds();
    await takeSnapshot(base);
    const nextSnapshotCpuSeconds = program.cpuSeconds() - between;
    const blocks = join(folder, "data/snapshots", snapshot);
    return {
      bytesPerSeries,
      readySeconds,
      replayCpuSeconds,
      peakMegabytes,
      snapshotCpuSeconds,
      snapshotSeconds,
      nextSnapshotCpuSeconds,
      blockBytesPerSample: folderBytes(blocks) / content.samples,
      longestAnswerMs,
    };
  });
}

interface Started {
  readonly program: Program;
  readonly base: string;
  readonly readySeconds: number;
}

/** Runs the server on a temporary folder below `folder`. */
async function start<T>(
  command: string,
  first: readonly string[],
  folder: string,
  data: string,
  body: (started: Started) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, "prometheus.yml"), "");
  try {
    const began = performance.now();
    await using program = new Program(command, [
      ...first,
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, data)}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--web.enable-admin-api",
    ]);
    await program.ready(`${base}/-/ready`);
    return await body({ program, base, readySeconds: (performance.now() - began) / 1000 });
  } finally {
    rmSync(join(folder, data), { recursive: true, force: true });
  }
}

async function takeSnapshot(base: string): Promise<string> {
  const response = await fetch(`${base}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
  const body = (await response.json()) as { data?: { name: string }; error?: string };
  if (body.data === undefined) throw new Error(`no snapshot: ${body.error ?? response.status}`);
  return body.data.name;
}

/** Requests /-/healthy every few ms while `work` runs, to measure how long the event loop is blocked. */
async function watched(
  base: string,
  work: () => Promise<string>,
): Promise<{ readonly longestAnswerMs: number; readonly snapshot: string }> {
  const over = new AbortController();
  const pinging = longestAnswer(base, over.signal);
  let snapshot: string;
  try {
    snapshot = await work();
  } finally {
    over.abort();
  }
  return { snapshot, longestAnswerMs: await pinging };
}

async function longestAnswer(base: string, over: AbortSignal): Promise<number> {
  let longest = 0;
  while (!over.aborted) {
    const began = performance.now();
    await (await fetch(`${base}/-/healthy`)).arrayBuffer();
    longest = Math.max(longest, performance.now() - began);
    await pause(PING_MS);
  }
  return longest;
}

function folderBytes(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
