import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnappyCompressor, WireWriter } from "@narthex/bytes";
import { rounds } from "./flags.ts";
import { DATA_END, writeQueryData } from "./query-data.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { prometheusVersion, type Server, startOurs, startPrometheus } from "./servers.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const WARM_PASSES = 2;
const DAY_MS = 86_400_000;
const INTERVAL_MS = 15_000;
const NOT_EQUAL = 1;
const STREAMED_XOR_CHUNKS = 1;

/** A request for all data as streamed chunks. */
function wholeRequest(): Uint8Array {
  const out = new WireWriter();
  out.message(1, () => {
    out.int64(1, DATA_END + 1 - DAY_MS);
    out.int64(2, DATA_END);
    out.message(3, () => {
      out.uint64(1, NOT_EQUAL);
      out.string(2, "__name__");
    });
  });
  out.uint64(2, STREAMED_XOR_CHUNKS);
  return new SnappyCompressor().compress(out.written).slice();
}

interface Pass {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
}

/** Reads an answer to its end and counts its bytes. */
async function readAll({ base, program }: Server, body: Uint8Array): Promise<Pass> {
  const before = program.tree().cpuSeconds;
  const since = performance.now();
  const bytes = await new Promise<number>((resolve, reject) => {
    const outgoing = request(`${base}/api/v1/read`, { method: "POST" }, (response) => {
      let size = 0;
      response
        .on("data", (piece: Buffer) => void (size += piece.length))
        .on("end", () =>
          response.statusCode === 200 ? resolve(size) : reject(new Error(`status ${response.statusCode}`)),
        )
        .on("error", reject);
    });
    outgoing.on("error", reject).end(body);
  });
  return { seconds: (performance.now() - since) / 1000, cpuSeconds: program.tree().cpuSeconds - before, bytes };
}

interface Measured {
  readonly passes: readonly Pass[];
  /** Growth of resident memory in bytes from before the first pass to the peak of all passes. */
  readonly growthBytes: number;
}

async function measure(server: Server, body: Uint8Array): Promise<Measured> {
  const before = server.program.residentBytes();
  server.program.forgetPeak();
  const passes: Pass[] = [];
  for (let pass = 0; pass < WARM_PASSES + ROUNDS; pass++) passes.push(await readAll(server, body));
  return { passes: passes.slice(WARM_PASSES), growthBytes: server.program.peakBytes() - before };
}

/** Reads millions of samples by remote read as streamed chunks. Both servers have the same blocks. */
export const remoteReadCase: BenchCase = {
  name: "remote-read-out",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    try {
      const series = writeQueryData(join(folder, "blocks"));
      const samples = series * (DAY_MS / INTERVAL_MS);
      await using ours = await startOurs(folder, "blocks");
      await using peer = await startPrometheus(folder, "blocks");
      const body = wholeRequest();
      const [own, other] = [await measure(ours, body), await measure(peer, body)];
      const figure = (what: string, unit: string, better: Figure["better"], of: (pass: Pass) => number): Figure => ({
        what,
        unit,
        better,
        ours: own.passes.map(of),
        peer: other.passes.map(of),
      });
      return {
        setting: `${series} series × 24 h × 15 s = ${(samples / 1e6).toFixed(1)} M samples in two blocks, default flags; ${prometheusVersion()}`,
        figures: [
          figure("samples read by the clock", "M/s", "higher", ({ seconds }) => samples / seconds / 1e6),
          figure("CPU time per sample", "ns", "lower", ({ cpuSeconds }) => (cpuSeconds * 1e9) / samples),
          figure("size of the answer", "MB", "lower", ({ bytes }) => bytes / 1e6),
          {
            what: "memory at most, beyond what there was before the first",
            unit: "MB",
            better: "lower",
            ours: [own.growthBytes / 1e6],
            peer: [other.growthBytes / 1e6],
          },
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
