import { setImmediate } from "node:timers/promises";
import { type FloatHistogram, Labels, Matcher } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { type LogLine, ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { type Appender, createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { openTsdb, type Tsdb } from "../db.ts";
import { BlockError } from "../block/block-error.ts";
import { HeadChunkDamage } from "../head/head-chunk-file.ts";
import type { FsyncPolicy } from "../wal/durability.ts";
import type { WalCompression } from "../wal/compression.ts";
import { contentsOf, floatText, histogramText } from "./contents.ts";
import { type FaultRates, NO_FAULTS } from "./disk-faults.ts";
import { type Contents, Ledger, type Promised } from "./ledger.ts";
import { SimulatedDisk } from "./simulated-disk.ts";

const DATA_DIR = "/data";
const START_MS = 1_700_000_000_000;
const FSYNC_INTERVAL_MS = 1000;
const RETENTION_MS = 10 * 3_600_000;
const PAGE_BYTES = 32 * 1024;
const TRACE_LINES = 60;

/** What one seed went through. */
export interface SimulationReport {
  readonly seed: number;
  operations: number;
  commits: number;
  refusedCommits: number;
  samples: number;
  kills: number;
  powerCuts: number;
  closes: number;
  /** Starts that the disk's fault of the moment refused. */
  refusedStarts: number;
  comparisons: number;
  faults: number;
}

/** A promise was broken; the message says which, by which seed, after what. */
export class SimulationFailure extends Error {
  override readonly name = "SimulationFailure";
}

/** One sample as it is tried. */
interface Attempt {
  readonly series: string;
  readonly time: number;
  readonly value: string;
}

/**
 * Runs a database on a simulated disk through random appends, faults, kills and power cuts, and compares what it holds
 * with what it promised, while it runs and after every start. The seed decides everything. Rejects with
 * SimulationFailure.
 */
export async function simulate(seed: number, operations = 120): Promise<SimulationReport> {
  const simulation = new Simulation(seed);
  await simulation.run(operations);
  return simulation.report;
}

class Simulation {
  readonly report: SimulationReport;
  readonly #random: () => number;
  readonly #disk: SimulatedDisk;
  readonly #ledger = new Ledger();
  readonly #policy: FsyncPolicy;
  readonly #compression: WalCompression;
  readonly #segmentBytes: number;
  readonly #trace: string[] = [];
  readonly #seriesNames: string[] = [];
  #clock = new ManualClock(START_MS);
  #now = START_MS;
  #db: Tsdb | undefined;
  #seriesMade = 0;
  #flipsSeen = 0;
  /** What the running database has logged, and how much of it the trace has. */
  #lines: readonly LogLine[] = [];
  #noted = 0;
  /** Commits under way. */
  #inFlight: Promise<void>[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#disk = new SimulatedDisk(this.#random);
    this.#policy = this.#oneOf(["never", "interval", "interval", "always", "always"]);
    this.#compression = this.#oneOf(["none", "snappy", "zstd"]);
    this.#segmentBytes = PAGE_BYTES * this.#oneOf([1, 2, 8]);
    this.report = {
      seed,
      operations: 0,
      commits: 0,
      refusedCommits: 0,
      samples: 0,
      kills: 0,
      powerCuts: 0,
      closes: 0,
      refusedStarts: 0,
      comparisons: 0,
      faults: 0,
    };
  }

  async run(operations: number): Promise<void> {
    try {
      const operator = this.#disk.mount();
      operator.makeFolder(DATA_DIR);
      operator.syncFolderNow("/");
      await this.#start("nothing");
      for (; this.report.operations < operations; this.report.operations++) {
        await this.#step();

        this.#noteLines();
      }
      this.#disk.faults.heal();
      await this.#oneOf([() => this.#kill(), () => this.#powerCut(), () => this.#close()])();
      this.#disk.faults.heal();
      await this.#db!.close();
    } catch (cause) {
      this.#noteLines();
      // Where a bit went wrong, a query may end in saying so.
      if (this.#disk.faults.struck.flip > 0 && isDamage(cause)) return;
      throw new SimulationFailure(
        `seed ${this.report.seed} (NARTHEX_SEED=${this.report.seed}), policy ${this.#policy}, operation ` +
          `${this.report.operations}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n` +
          this.#trace.slice(-TRACE_LINES).join("\n"),
        { cause },
      );
    } finally {
      this.report.faults = Object.values(this.#disk.faults.struck).reduce((sum, count) => sum + count, 0);
      this.#disk.kill();
    }
  }

  async #step(): Promise<void> {
    const roll = this.#random();
    if (roll < 0.45) await this.#commit();
    else if (roll < 0.55) this.#commitBeside();
    else if (roll < 0.6) this.#rollback();
    else if (roll < 0.75) await this.#pass(this.#oneOf([100, 1000, 1000, 5000, 60_000, 60_000]));
    else if (roll < 0.79) this.#leap();
    else if (roll < 0.86) this.#changeFaults();
    else if (roll < 0.9) await this.#compareNow();
    else if (roll < 0.93) await this.#kill();
    else if (roll < 0.96) await this.#powerCut();
    else if (roll < 0.97) await this.#close();
    else await this.#maintain();
  }

  async #start(survived: Promised): Promise<void> {
    for (;;) {
      const logger = memoryLogger();
      this.#lines = logger.lines;
      this.#noted = 0;
      this.#clock = new ManualClock(this.#now);
      try {
        this.#db = await openTsdb(DATA_DIR, {
          clock: this.#clock,
          logger,
          files: this.#disk.mount(),
          lockFile: false,
          retentionMs: RETENTION_MS,
          walFsync: this.#policy,
          walFsyncIntervalMs: FSYNC_INTERVAL_MS,
          walCompression: this.#compression,
          walSegmentBytes: this.#segmentBytes,
          maxExemplars: 10,
        });
        this.#note(`  started with ${this.#files()}`);
        if (logger.lines.some(({ message }) => message.startsWith("a block cannot be read"))) {
          // It said so; with the disk healed it must be there.
          this.#noteLines();
          this.#disk.kill();
          this.#disk.faults.heal();
          continue;
        }
        break;
      } catch (cause) {
        // Weather may refuse a start, but only while it lasts; a crash in between is no better.
        if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
        this.#note(`start refused: ${String(cause)}`);
        this.report.refusedStarts++;
        this.#disk.kill();
        if (this.#random() < 0.3) this.#disk.faults.heal();
      }
    }
    // What was read at the start counts; queries that read on shall not fail for the weather of now.
    const { rates } = this.#disk.faults;
    this.#disk.faults.rates = NO_FAULTS;
    const found = await this.#compare(survived);
    this.#disk.faults.rates = rates;
    this.#ledger.settle(found);
  }

  async #commit(): Promise<void> {
    const before = this.#syncFailures();
    const attempt = this.#append();
    if (attempt === undefined) return;
    await this.#settleCommit(attempt.app.commit(), attempt.samples, before);
  }

  /** A commit that others run beside. */
  #commitBeside(): void {
    const attempt = this.#append();
    if (attempt === undefined) return;
    this.#inFlight.push(this.#settleCommit(attempt.app.commit(), attempt.samples, this.#syncFailures()));
  }

  async #settleCommit(commit: Promise<void>, samples: readonly Attempt[], before: number): Promise<void> {
    this.report.commits++;
    try {
      await commit;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
      this.report.refusedCommits++;
      this.#note(`  refused: ${String(cause)} (${this.#syncFailures() - before} syncs failed)`);
      return;
    }
    const promised = this.#policy === "always" ? "power cut" : "kill";
    for (const { series, time } of samples) this.#ledger.promise(series, time, promised);
  }

  #rollback(): void {
    const app = this.#db!.appendable.appender();
    const attempts = this.#fill(app, 1 + this.#below(5), false);
    app.rollback();
    this.#note(`rollback of ${attempts.length}`);
  }

  #append(): { app: Appender; samples: Attempt[] } | undefined {
    const app = this.#db!.appendable.appender();
    const samples = this.#fill(app, this.#oneOf([1, 3, 10, 40, 200]), true);
    this.#note(`commit of ${samples.length} at ${this.#now - START_MS}`);
    if (samples.length > 0 || this.#random() < 0.5) return { app, samples };
    app.rollback();
    return undefined;
  }

  /** Appends random samples and writes those that were taken into the ledger. */
  #fill(app: Appender, count: number, commits: boolean): Attempt[] {
    const samples: Attempt[] = [];
    const batch = createSampleBatch(count);
    const floats: Attempt[] = [];
    const base = this.#now;
    for (let i = 0; i < count; i++) {
      const name = this.#someSeries();
      const labels = Labels.of({ __name__: name, job: "simulation" });
      const ref = app.series(labels);
      const time = base + i;
      if (name.startsWith("h")) {
        const histogram = this.#histogram();
        if (app.appendHistogram(ref, time, histogram) === OUTCOME_OK) {
          samples.push({ series: labels.toString(), time, value: histogramText(histogram) });
        }
      } else {
        batch.refs[batch.count] = ref;
        batch.timestamps[batch.count] = time;
        batch.values[batch.count] = this.#float();
        const words = new Uint32Array(batch.values.buffer, batch.count * 8, 2);
        floats.push({ series: labels.toString(), time, value: floatText(words[1]!, words[0]!) });
        batch.count++;
      }
      if (this.#random() < 0.05) {
        app.appendExemplar(ref, { labels: Labels.of({ trace: String(i) }), value: i, timestamp: time });
      }
    }
    app.append(batch);
    floats.forEach((attempt, i) => {
      if (batch.outcomes[i] === OUTCOME_OK) samples.push(attempt);
    });
    this.report.samples += samples.length;
    if (commits) for (const { series, time, value } of samples) this.#ledger.attempt(series, time, value);
    // Sometimes the next commit comes for the same time, as a client that tries again.
    if (this.#random() < 0.9) this.#now += count + this.#below(50);
    return samples;
  }

  #someSeries(): string {
    if (this.#seriesNames.length === 0 || this.#random() < 0.1) {
      const name = `${this.#random() < 0.25 ? "h" : "f"}${this.#seriesMade++}_${"x".repeat(this.#below(60))}`;
      this.#seriesNames.push(name);
      if (this.#seriesNames.length > 40) this.#seriesNames.shift();
      return name;
    }
    return this.#oneOf(this.#seriesNames);
  }

  #float(): number {
    return this.#oneOf([0, -0, 1, 1.5, NaN, Infinity, this.#below(1000), this.#random()]);
  }

  #histogram(): FloatHistogram {
    const integer = this.#random() < 0.5;
    return histogramOf(1 + this.#below(6), { integer, sum: this.#below(1000) / 4 });
  }

  /** Time goes by with its timers. */
  async #pass(ms: number): Promise<void> {
    await this.#settled();
    this.#note(`pass ${ms} ms`);
    this.#now += ms;
    await this.#clock.advance(ms);
    await this.#settled();
    if (this.#policy === "interval" && ms >= FSYNC_INTERVAL_MS && !this.#saysUnsynced()) {
      this.#ledger.promiseAll();
    }
  }

  /** Hours without samples. */
  #leap(): void {
    this.#now += this.#oneOf([600_000, 3_600_000, 3 * 3_600_000]);
    this.#clock.setWall(this.#now);
    this.#note(`leap to ${this.#now - START_MS}`);
  }

  #changeFaults(): void {
    const { faults } = this.#disk;
    const kind = this.#random();
    if (kind < 0.4) faults.heal();
    else if (kind < 0.6) faults.room = this.#below(3) * this.#below(20_000);
    else faults.rates = this.#rates();
    this.#note(`faults: room ${faults.room}, ${JSON.stringify(faults.rates)}`);
  }

  #rates(): FaultRates {
    const rates: Record<keyof FaultRates, number> = { ...NO_FAULTS };
    for (let i = 0; i <= this.#below(3); i++) {
      const kind = this.#oneOf(Object.keys(NO_FAULTS)) as keyof FaultRates;
      rates[kind] = kind === "flip" ? 0.02 : this.#oneOf([0.02, 0.1, 0.5, 1]);
    }
    return rates;
  }

  async #compareNow(): Promise<void> {
    await this.#settled();
    let found: Contents;
    try {
      found = await this.#compare("kill");
    } catch (cause) {
      // A query may fail with the disk, and for damage; it must not answer wrongly.
      if ((cause as NodeJS.ErrnoException).code === undefined && !this.#isReadError(cause)) throw cause;
      this.#note(`  query failed: ${String(cause)}`);
      return;
    }
    const querier = this.#db!.queryable.querier(-Infinity, Infinity);
    const names = await querier.labelValues("__name__", [new Matcher("!=", "job", "")]);
    querier.close();
    const missing = [...found.keys()].filter((series) => !names.some((name) => series.includes(name)));
    if (missing.length > 0) throw new Error(`label values lack ${missing.join(", ")}`);
  }

  async #maintain(): Promise<void> {
    await this.#settled();
    this.#note("maintain");
    try {
      await this.#db!.maintain();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
      this.#note(`  failed: ${String(cause)}`);
    }
  }

  async #kill(): Promise<void> {
    await this.#someTurns();
    this.#note("kill -9");
    this.report.kills++;
    this.#disk.kill();
    this.#inFlight = [];
    await this.#start("kill");
  }

  async #powerCut(): Promise<void> {
    await this.#someTurns();
    this.#note(`power cut ${this.#files()}`);
    this.report.powerCuts++;
    this.#disk.powerCut();
    this.#inFlight = [];
    await this.#start("power cut");
  }

  async #close(): Promise<void> {
    await this.#settled();
    this.#note("close");
    this.report.closes++;
    try {
      await this.#db!.close();
      this.#ledger.promiseAll();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
      this.#note(`  failed: ${String(cause)}`);
    }
    this.#disk.kill();
    await this.#start("kill");
  }

  /** Lets what is under way come as far as it happens to. */
  async #someTurns(): Promise<void> {
    for (let i = this.#below(6); i > 0; i--) await setImmediate();
  }

  async #settled(): Promise<void> {
    const inFlight = this.#inFlight;
    this.#inFlight = [];
    await Promise.all(inFlight);
    await this.#disk.settled();
  }

  async #compare(survived: Promised): Promise<Map<string, Map<number, string>>> {
    this.report.comparisons++;
    const { flip } = this.#disk.faults.struck;
    if (flip !== this.#flipsSeen) {
      this.#flipsSeen = flip;
      this.#note("bits flipped: nothing is promised");
      this.#ledger.forgive();
    }
    // A flip may lie unread for long; whoever meets it says so.
    if (flip > 0 && this.#lines.some(({ message }) => /is damaged|cannot be read/.test(message)))
      this.#ledger.forgive();
    const found = await contentsOf(this.#db!.queryable);
    this.#ledger.keepFrom = Math.max(this.#ledger.keepFrom, this.#db!.maxTime - RETENTION_MS);
    const problems = this.#ledger.compare(found, survived);
    if (problems.length > 0) {
      throw new Error(`${problems.length} differences after ${survived}:\n${problems.slice(0, 5).join("\n")}`);
    }
    return found;
  }

  #isReadError(cause: unknown): boolean {
    const { struck } = this.#disk.faults;
    return struck.flip + struck.read + struck.open > 0 && isDamage(cause);
  }

  /** Has the database said, and not taken back, that it cannot bring its log to the disk? */
  #saysUnsynced(): boolean {
    const line = this.#lines.findLast(({ message }) => message.startsWith("bringing the WAL to the disk"));
    return line?.level === "warn";
  }

  #noteLines(): void {
    for (const { level, message, fields } of this.#lines.slice(this.#noted)) {
      if (level === "warn" || level === "error") this.#note(`  log: ${message} ${JSON.stringify(fields)}`);
    }
    this.#noted = this.#lines.length;
  }

  /** The log's files and their sizes, for the trace. */
  #files(): string {
    const files = this.#disk.beside();
    try {
      return ["wal", "chunks_head"]
        .map((dir) => {
          const names = files.list(`${DATA_DIR}/${dir}`);
          const sizes = names.map(
            (name) => `${name.replace(/^0+(?=.)/, "")}:${files.stat(`${DATA_DIR}/${dir}/${name}`).size}`,
          );
          return `${dir} ${sizes.join(" ")}`;
        })
        .join(", ");
    } catch {
      return "no log";
    }
  }

  #syncFailures(): number {
    return this.#disk.faults.struck.sync;
  }

  #note(line: string): void {
    this.#trace.push(`${this.report.operations} ${line}`);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)]!;
  }
}

const isDamage = (cause: unknown): boolean => cause instanceof HeadChunkDamage || cause instanceof BlockError;
