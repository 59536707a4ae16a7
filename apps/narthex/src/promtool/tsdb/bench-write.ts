import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { formatFloat, formatGoDuration, Labels } from "@narthex/model";
import { createLogger, flagKinds, type Host } from "@narthex/runtime";
import { type Appendable, createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { openTsdb } from "@narthex/tsdb";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { failureText } from "./database.ts";

const DEFAULT_FILE = "../../tsdb/testdata/20kseries.json";
const INTERVAL_MS = 30_000;
/**
 * Number of scrapes in a round. In a round, the scrapes of one part of the series are appended, then those of the next
 * part. The number of rounds is rounded up.
 */
const SCRAPES_PER_ROUND = 100;
const SERIES_PER_PART = 1000;
const FIRST_VALUE = 123_456_789;
const STORAGE_FOLDER = "storage";
/**
 * Files that an earlier run may have left in the output folder. All other files there belong to the user and are not
 * removed.
 */
const CPU_PROFILE = "cpu.cpuprofile";
const HEAP_PROFILE = "mem.heapprofile";

/** Thrown if the input does not contain label sets. */
class SeriesFileError extends Error {
  override readonly name = "SeriesFileError";
}

export const benchWrite = promtoolCommand({
  name: "write",
  help: "Run a write performance benchmark.",
  flags: {
    out: flagKinds.text("benchout", "Set the output path."),
    metrics: flagKinds.integer(10_000, "Number of metrics to read."),
    scrapes: flagKinds.integer(3000, "Number of scrapes to simulate."),
  },
  operands: [{ name: "file", required: false }],
  async run({ host, flags, operands: [file = DEFAULT_FILE] }) {
    try {
      await measure(host, outputFolder(host, flags.out), resolve(host.cwd, file), flags);
      return EXIT_OK;
    } catch (cause) {
      const text =
        cause instanceof SeriesFileError
          ? cause.message
          : failureText(cause, { shown: file, real: resolve(host.cwd, file) });
      if (text === undefined) throw cause;
      host.stderr(`${text}\n`);
      return EXIT_FAILURE;
    }
  },
});

/** Returns the output folder, after removing the files of an earlier run. */
function outputFolder(host: Host, out: string): string {
  if (out === "") return mkdtempSync(join(tmpdir(), "tsdb_bench"));
  const dir = resolve(host.cwd, out);
  for (const name of [STORAGE_FOLDER, CPU_PROFILE, HEAP_PROFILE])
    rmSync(join(dir, name), { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  return dir;
}

async function measure(
  host: Host,
  dir: string,
  file: string,
  { metrics, scrapes }: { readonly metrics: number; readonly scrapes: number },
): Promise<void> {
  const db = await openTsdb(join(dir, STORAGE_FOLDER), {
    clock: host.clock,
    logger: createLogger({ level: "info", format: "logfmt", clock: host.clock, write: (line) => host.stderr(line) }),
    walCompression: "none",
    walFsync: "never",
    // Disables compactions, because the benchmark measures appends.
    compactionDelayMs: Infinity,
  });
  try {
    let series: Labels[] = [];
    await stage(host, "readData", () => {
      series = readSeries(readFileSync(file, "utf8"), metrics);
    });
    let total = 0;
    const seconds = await stage(host, "ingestScrapes", async () => {
      total = await profiled(dir, () => ingest(db.appendable, series, scrapes));
      host.stdout("ingestion completed\n");
    });
    host.stdout(` > total samples: ${total}\n > samples/sec: ${formatFloat(total / seconds)}\n`);
    await stage(host, "stopStorage", () => db.close());
  } finally {
    await db.close();
  }
}

/** Runs a stage of the benchmark and prints its start and end. Resolves with its duration in seconds. */
async function stage(host: Host, name: string, work: () => unknown): Promise<number> {
  host.stdout(`>> start stage=${name}\n`);
  const start = host.clock.monotonic();
  await work();
  const ms = host.clock.monotonic() - start;
  host.stdout(`>> completed stage=${name} duration=${formatGoDuration(ms)}\n`);
  return ms / 1000;
}

/**
 * Reads label sets, one on each line, such as `{"__name__":"up","job":"a"}`. Duplicates count once. Throws
 * SeriesFileError.
 */
function readSeries(text: string, limit: number): Labels[] {
  const found = new Map<string, Labels>();
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  for (const [i, line] of lines.entries()) {
    if (found.size >= limit || text === "") break;
    const pairs = line.replaceAll(/["{}\r]/g, "").split(",");
    const labels = Labels.of(
      pairs.map((pair): [string, string] => {
        const [name, value] = pair.split(":");
        if (value === undefined) {
          throw new SeriesFileError(`line ${i + 1}: expected {"name":"value",…}, found ${JSON.stringify(line)}`);
        }
        return [name!, value];
      }),
    );
    if (!found.has(labels.key)) found.set(labels.key, labels);
  }
  return [...found.values()];
}

/** Appends several scrapes of all series. Resolves with the number of samples. */
async function ingest(storage: Appendable, series: readonly Labels[], scrapes: number): Promise<number> {
  let total = 0;
  for (let from = 0; from < scrapes; from += SCRAPES_PER_ROUND) {
    const parts: Promise<number>[] = [];
    for (let first = 0; first < series.length; first += SERIES_PER_PART) {
      parts.push(ingestPart(storage, series.slice(first, first + SERIES_PER_PART), from * INTERVAL_MS));
    }
    // oxlint-disable-next-line no-await-in-loop -- rounds must follow one another in time
    for (const taken of await Promise.all(parts)) total += taken;
  }
  return total;
}

async function ingestPart(storage: Appendable, series: readonly Labels[], baseMs: number): Promise<number> {
  let taken = 0;
  const batch = createSampleBatch(series.length);
  batch.count = series.length;
  let refs: Uint32Array | undefined;
  for (let scrape = 1; scrape <= SCRAPES_PER_ROUND; scrape++) {
    const app = storage.appender();
    refs ??= Uint32Array.from(series, (labels) => app.series(labels));
    batch.refs.set(refs);
    batch.timestamps.fill(baseMs + scrape * INTERVAL_MS);
    batch.values.fill(FIRST_VALUE + scrape * 1000);
    app.append(batch);
    // oxlint-disable-next-line no-await-in-loop -- scrapes must follow one another in time
    await app.commit();
    for (const outcome of batch.outcomes) if (outcome === OUTCOME_OK) taken++;
  }
  return taken;
}

/**
 * Writes a CPU profile and a heap profile of the time in which `work` runs. The profiles have V8's format, while the
 * original promtool writes Go's format.
 */
async function profiled<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    await session.post("HeapProfiler.startSampling");
    const result = await work();
    const cpu = await session.post("Profiler.stop");
    const heap = await session.post("HeapProfiler.stopSampling");
    writeFileSync(join(dir, CPU_PROFILE), JSON.stringify(cpu.profile));
    writeFileSync(join(dir, HEAP_PROFILE), JSON.stringify(heap.profile));
    return result;
  } finally {
    session.disconnect();
  }
}
