import { setImmediate } from "node:timers/promises";
import { Matcher } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { type LogLine, ManualClock, memoryLogger } from "@narthex/runtime/testing";
import type { Appender } from "@narthex/storage";
import { openTsdb } from "../open-tsdb.ts";
import type { Tsdb, TsdbOptions } from "../tsdb.ts";
import { contentsOf } from "./contents.ts";
import { blockContents, difference, folderContents } from "./copied-blocks.ts";
import { type FaultRates, NO_FAULTS } from "./disk-faults.ts";
import { type Contents, ReferenceModel, type Guarantee } from "./reference-model.ts";
import { type Attempt, nameOf, SampleSource } from "./sample-source.ts";
import { isDamage, SimulationComparison } from "./simulation-comparison.ts";
import { newReport, type SimulationReport } from "./simulation-report.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import { simulatedThreads } from "./simulated-thread.ts";
import { FSYNC_INTERVAL_MS } from "../wal/durability.ts";
import { isSystemError } from "./system-error.ts";

const DATA_DIR = "/data";
const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const BLOCK_MS = 2 * HOUR_MS;
const RETENTION_MS = 10 * HOUR_MS;
const PAGE_BYTES = 32 * 1024;
const TRACE_LINES = 60;
/**
 * Upper limits for the number of file calls after which the process ends. The simulation draws one of these limits, and
 * then a number below it.
 */
const MAX_CALLS = [4, 20, 80];
const ALL_FAULTS = Object.keys(NO_FAULTS) as (keyof FaultRates)[];
/**
 * Number of turns of the event loop after which the process ends if the planned number of file calls is not reached.
 */
const TURNS_OF_WORK = 200;
/** Probability that the fault rates of the disk change before a start. Otherwise the earlier rates remain. */
const FAULTY_STARTS = 0.3;

/**
 * Error that the database has broken a guarantee. The message names the guarantee, the seed and the earlier operations.
 */
class SimulationFailure extends Error {
  override readonly name = "SimulationFailure";
}

/** A snapshot of the data in another folder. The database has acknowledged the snapshot. */
interface Snapshot {
  readonly dir: string;
  readonly contents: Contents;
  /** Number of flipped bits at the time of the snapshot. */
  readonly flips: number;
}

/** Database options that are drawn at random at each start. */
type Choice = Pick<
  TsdbOptions,
  | "walFsync"
  | "walCompression"
  | "walSegmentBytes"
  | "outOfOrderTimeWindowMs"
  | "memorySnapshotOnShutdown"
  | "coldAfterMs"
  | "memorySnapshotIntervalMs"
>;

/**
 * Runs a database on a simulated disk with random appends, deletions, snapshots, faults, kills and power cuts. Compares
 * its content with the guarantees while it runs and after every start. The seed determines the whole run. Rejects with
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
  readonly #ledger = new ReferenceModel();
  readonly #comparison: SimulationComparison;
  readonly #source: SampleSource;
  readonly #trace: string[] = [];
  #chosen: Choice;
  #clock = new ManualClock(START_MS);
  #now = START_MS;
  #db: Tsdb | undefined;
  /** Log messages of the running database. `#noted` is the number of these messages that are already in the trace. */
  #lines: readonly LogLine[] = [];
  #noted = 0;
  /** Commits and other work in progress. */
  #inFlight: Promise<void>[] = [];
  #snapshot: Snapshot | undefined;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#disk = new SimulatedDisk(this.#random);
    this.#disk.losesAnyNames = this.#random() < 0.3;
    this.#disk.reorders = this.#random() < 0.5;
    this.#disk.faults.partialSyncs = this.#random() < 0.5;
    this.#source = new SampleSource(this.#random);
    this.#chosen = this.#choose();
    this.report = newReport(seed, this.#disk.faults.counts);
    this.#comparison = new SimulationComparison({
      dir: DATA_DIR,
      disk: this.#disk,
      ledger: this.#ledger,
      source: this.#source,
      report: this.report,
      random: this.#random,
      retentionMs: RETENTION_MS,
      note: (line) => this.#note(line),
    });
  }

  async run(operations: number): Promise<void> {
    try {
      const operator = this.#disk.mount();
      operator.makeFolder(DATA_DIR);
      operator.syncFolderNow("/");
      await this.#start("nothing");
      for (; this.report.operations < operations; this.report.operations++) {
        await this.#throughDamage(() => this.#step());
        this.#noteLines();
      }
      this.#disk.faults.heal();
      await this.#throughDamage(this.#oneOf([() => this.#kill(), () => this.#powerCut(), () => this.#close()]));
      this.#disk.faults.heal();
      await this.#db!.close();
    } catch (cause) {
      this.#noteLines();
      throw new SimulationFailure(
        `seed ${this.report.seed} (run-seeds.ts 1 ${this.report.seed} ${operations}), fsync ${this.#chosen.walFsync}, operation ` +
          `${this.report.operations}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n` +
          this.#trace.slice(-TRACE_LINES).join("\n"),
        { cause },
      );
    } finally {
      this.#disk.kill();
    }
  }

  /** Runs `work`. If damage makes it fail, ends the process. The next process must serve all undamaged data. */
  async #throughDamage(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      if (this.#disk.faults.counts.flip === 0 || !isDamage(cause)) throw cause;
      this.#note(`  ended by damage: ${String(cause)}`);
      this.report.endedByDamage++;
      this.#noteLines();
      this.#inFlight = [];
      this.#disk.kill();
      this.#disk.faults.heal();
      await this.#start("kill");
    }
  }

  async #step(): Promise<void> {
    const roll = this.#random();
    if (roll < 0.42) await this.#commit();
    else if (roll < 0.52) this.#beginCommit();
    else if (roll < 0.56) this.#rollback();
    else if (roll < 0.68) await this.#pass(this.#oneOf([100, 1000, 5000, 60_000, 60_000]));
    else if (roll < 0.74) this.#leap();
    else if (roll < 0.81) this.#changeFaults();
    else if (roll < 0.84) await this.#compareNow();
    else if (roll < 0.87) await this.#kill();
    else if (roll < 0.9) await this.#powerCut();
    else if (roll < 0.92) await this.#close();
    else if (roll < 0.94) await this.#maintain();
    else if (roll < 0.96) await this.#delete();
    else if (roll < 0.97) await this.#clean();
    else if (roll < 0.98) await this.#takeSnapshot();
    else await this.#crashDuring(this.#oneOf([() => this.#maintain(), () => this.#delete(), () => this.#clean()]));
  }

  #choose(): Choice {
    return {
      walFsync: this.#oneOf(["never", "interval", "interval", "always", "always"]),
      walCompression: this.#oneOf(["none", "none", "snappy", "snappy", "zstd"]),
      walSegmentBytes: PAGE_BYTES * this.#oneOf([1, 2, 8]),
      outOfOrderTimeWindowMs: this.#oneOf([0, 0, 60_000, HOUR_MS, 3 * HOUR_MS, 3 * HOUR_MS]),
      memorySnapshotOnShutdown: this.#random() < 0.3,
      coldAfterMs: this.#oneOf([0, 0, 2 * HOUR_MS, 4 * HOUR_MS]),
      memorySnapshotIntervalMs: this.#oneOf([0, 1, 60_000, 600_000]),
    };
  }

  async #start(survived: Guarantee): Promise<void> {
    if (this.#random() < 0.3) this.#chosen = this.#choose();
    if (this.#random() < FAULTY_STARTS) this.#changeFaults();
    for (;;) {
      const logger = memoryLogger();
      this.#lines = logger.lines;
      this.#noted = 0;
      this.#clock = new ManualClock(this.#now);
      const hasThreads = this.#random() < 0.5;
      try {
        this.#db = await openTsdb(DATA_DIR, {
          clock: this.#clock,
          logger,
          files: this.#disk.mount(),
          random: this.#random,
          lockFile: false,
          retentionMs: RETENTION_MS,
          maxExemplars: 10,
          ...(hasThreads ? simulatedThreads(this.#disk) : {}),
          ...this.#chosen,
        });
        if (hasThreads) this.report.threadedStarts++;
        this.#note(
          `  started ${hasThreads ? "with threads, " : ""}with ${this.#files()}, ${Object.values(this.#chosen).join(" ")}`,
        );
        if (await this.#settleStart(survived)) return;
      } catch (cause) {
        // Retries a start that a simulated disk fault made fail, sometimes after the disk has recovered.
        if (!isSystemError(cause)) throw cause;
        this.#note(`start refused: ${String(cause)}`);
        this.report.refusedStarts++;
        this.#disk.kill();
        if (this.#random() < 0.3) this.#disk.faults.heal();
      }
    }
  }

  /**
   * Compares the content after a start. If the database reports unreadable blocks, ends the process, stops the faults
   * of the disk and returns false. The next process must then read the blocks.
   */
  async #settleStart(survived: Guarantee): Promise<boolean> {
    const read = await this.#disk.faults.calmly(() => this.#comparison.compare(this.#db!, survived));
    if (read === undefined) {
      this.#noteLines();
      this.#disk.kill();
      this.#disk.faults.heal();
      return false;
    }
    this.#ledger.settle(read.contents, survived, read.wasRead);
    if (this.#snapshot !== undefined) await this.#compareSnapshot(this.#snapshot);
    return true;
  }

  async #commit(): Promise<void> {
    const before = this.#syncFailures();
    const attempt = this.#append();
    if (attempt === undefined) return;
    await this.#settleCommit(attempt.app.commit(), attempt.samples, before);
  }

  /** Begins a commit that runs concurrently with other commits. */
  #beginCommit(): void {
    const attempt = this.#append();
    if (attempt === undefined) return;
    this.#inFlight.push(this.#settleCommit(attempt.app.commit(), attempt.samples, this.#syncFailures()));
    // Gives each commit later times than all earlier commits. Otherwise concurrent commits could lose samples, because
    // the order of samples is checked when commits are applied.
    for (const { time } of attempt.samples) this.#now = Math.max(this.#now, time + 1);
  }

  async #settleCommit(commit: Promise<void>, samples: readonly Attempt[], before: number): Promise<void> {
    const promised = this.#promisedNow;
    this.report.commits++;
    try {
      await commit;
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      this.report.refusedCommits++;
      this.#note(`  refused: ${String(cause)} (${this.#syncFailures() - before} syncs failed)`);
      return;
    }
    for (const { series, time } of samples) this.#ledger.promise(series, time, promised);
  }

  /** The guarantee for a request that is acknowledged now, according to the configured durability. */
  get #promisedNow(): Guarantee {
    return this.#chosen.walFsync === "always" ? "power cut" : "kill";
  }

  #rollback(): void {
    const app = this.#db!.appendable.appender();
    const attempts = this.#fill(app, 1 + this.#below(5), false);
    app.rollback();
    this.#note(`rollback of ${attempts.length}`);
  }

  #append(): { app: Appender; samples: Attempt[] } | undefined {
    const app = this.#db!.appendable.appender();
    const samples = this.#fill(app, this.#oneOf([1, 3, 10, 40, 120]), true);
    this.#note(`commit of ${samples.length} at ${this.#now - START_MS}`);
    if (samples.length > 0 || this.#random() < 0.5) return { app, samples };
    app.rollback();
    return undefined;
  }

  /** Appends random samples and records the accepted ones in the model. */
  #fill(app: Appender, count: number, commits: boolean): Attempt[] {
    const time = this.#now;
    const samples = this.#source.append(app, {
      count,
      time,
      window: this.#chosen.outOfOrderTimeWindowMs ?? 0,
      isTaken: (series, at) => this.#ledger.has(series, at),
      isDeleted: (at) => this.#ledger.hasDeleted(at),
    });
    this.report.samples += samples.length;
    this.report.duplicates = this.#source.duplicates;
    this.report.returned = this.#source.returned;
    this.report.lateSamples += samples.filter((sample) => sample.time < time).length;
    if (commits) for (const { series, time: at, value } of samples) this.#ledger.attempt(series, at, value);
    // With a probability of 0.1, keeps the time for the next commit, as if a client repeated the request.
    if (this.#random() < 0.9) this.#now += count + this.#below(50);
    return samples;
  }

  /** Advances the clock and runs its timers. */
  async #pass(ms: number): Promise<void> {
    await this.#settled();
    this.#note(`pass ${ms} ms`);
    this.#now += ms;
    await this.#clock.advance(ms);
    await this.#settled();
    if (this.#chosen.walFsync === "interval" && ms >= FSYNC_INTERVAL_MS && !this.#saysUnsynced()) {
      this.#ledger.promiseAll();
    }
  }

  /**
   * Advances the clock by hours without samples. Sometimes advances to the start of a block, because a block must have
   * every sample from its first millisecond on.
   */
  #leap(): void {
    const leap = this.#oneOf([600_000, HOUR_MS, HOUR_MS, 3 * HOUR_MS, 0]);
    this.#now = leap > 0 ? this.#now + leap : Math.floor(this.#now / BLOCK_MS + 1) * BLOCK_MS;
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
      const kind = this.#oneOf(ALL_FAULTS);
      rates[kind] = kind === "flip" ? this.#oneOf([0.02, 0.2]) : this.#oneOf([0.02, 0.1, 0.5, 1]);
    }
    return rates;
  }

  async #compareNow(): Promise<void> {
    await this.#settled();
    try {
      const read = await this.#comparison.compare(this.#db!, "kill");
      if (read === undefined) return;
      this.#ledger.observe(read.contents);
      await this.#comparison.compareParts(this.#db!, read);
    } catch (cause) {
      // Accepts a failed query after a disk fault or damage. A query must not return a wrong result.
      if (!isSystemError(cause) && !this.#isReadError(cause)) throw cause;
      this.#note(`  query failed: ${String(cause)}`);
    }
  }

  async #maintain(): Promise<void> {
    if (!(await this.#settledInTime())) return;
    this.#note("maintain");
    if (!(await this.#succeeds(this.#db!.maintain()))) return;
    const ends = this.#db!.blocks().map(({ maxTime }) => maxTime);
    if (Math.max(...ends) - Math.min(...ends) >= RETENTION_MS) throw new Error("a block past retention is still there");
  }

  /** Deletes samples of some series in a range of past times, which sometimes reaches into the future. */
  async #delete(): Promise<void> {
    if (!(await this.#settledInTime())) return;
    const span = this.#oneOf([1000, 600_000, 6 * HOUR_MS]);
    const from = this.#now - this.#below(span);
    const to = from + this.#below(2 * span);
    const matcher = new Matcher("=~", "__name__", this.#oneOf([".+", "f.*", "h.*", ".[0-9]*[05]_.*"]));
    this.#note(`delete ${String(matcher)} from ${from - START_MS} to ${to - START_MS}`);
    const deletion = this.#ledger.deleting((series) => matcher.matches(nameOf({ series })), from, to);
    this.report.deletions++;
    const promised = this.#promisedNow;
    if (await this.#succeeds(this.#db!.deleteSeries([matcher], from, to))) this.#ledger.deleted(deletion, promised);
  }

  async #clean(): Promise<void> {
    if (!(await this.#settledInTime())) return;
    this.#note("clean tombstones");
    this.report.cleanings++;
    if (!(await this.#succeeds(this.#db!.cleanTombstones()))) return;
    const left = this.#db!.blocks().find(({ stats }) => (stats?.numTombstones ?? 0) > 0);
    if (left !== undefined) throw new Error(`block ${left.ulid} has tombstones after they were cleaned`);
  }

  /**
   * Writes a snapshot of all data, with or without the head's data, into a folder. The snapshot must contain this data
   * from now on.
   */
  async #takeSnapshot(): Promise<void> {
    await this.#settled();
    const withHead = this.#random() < 0.6;
    const dir = `/snapshot${++this.report.snapshots}`;
    this.#note(`snapshot ${withHead ? "with" : "without"} head`);
    const files = this.#disk.readerFiles();
    const flips = this.#disk.faults.counts.flip;
    const taken = await this.#succeeds(this.#db!.snapshot(dir, withHead));
    if (!taken || this.#disk.faults.counts.flip > 0) return;
    const contents = await this.#disk.faults.calmly(() =>
      withHead ? contentsOf(this.#db!.queryable) : blockContents(this.#db!, DATA_DIR, files),
    );
    if (this.#db!.damagedBlocks().length > 0) return;
    this.#snapshot = { dir, contents, flips };
    await this.#compareSnapshot(this.#snapshot);
  }

  async #compareSnapshot({ dir, contents, flips }: Snapshot): Promise<void> {
    if (this.#disk.faults.counts.flip > flips) return;
    const found = await this.#disk.faults.calmly(() => folderContents(dir, this.#disk.readerFiles(), this.#now));
    const differs = difference(contents, found);
    if (differs !== undefined) throw new Error(`${dir}: ${differs}`);
  }

  /** Waits for an operation. Returns false if a disk fault or damage made it fail. */
  async #succeeds(work: Promise<void>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (cause) {
      if (!isSystemError(cause) && !this.#isReadError(cause)) throw cause;
      this.#note(`  failed: ${String(cause)}`);
      return false;
    }
  }

  /** Ends the process, or cuts the power, during an operation. */
  async #crashDuring(begin: () => Promise<void>): Promise<void> {
    await this.#settled();
    const isWithinCall = this.#random() < 0.5;
    const ended = Promise.withResolvers<void>();
    if (isWithinCall) {
      let left = 1 + this.#below(this.#oneOf(MAX_CALLS));
      this.#disk.onChange = () => {
        if (--left !== 0) return;
        this.report.endedWithinCalls++;
        this.#disk.kill();
        ended.resolve();
      };
    }
    // Begins the operation. The operation records its success in the model, even if the crash follows immediately. An
    // error fails the run unless it is a disk fault or damage.
    let fault: unknown;
    void begin().catch((cause: unknown) => {
      if (!isSystemError(cause) && !this.#isReadError(cause)) fault = cause;
    });
    await Promise.race([ended.promise, turns(isWithinCall ? TURNS_OF_WORK : this.#below(20))]);
    this.#disk.onChange = undefined;
    if (fault !== undefined) throw fault;
    await this.#oneOf([() => this.#kill(), () => this.#powerCut()])();
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
    if (await this.#succeeds(this.#db!.close())) this.#ledger.promiseAll();
    this.#disk.kill();
    await this.#start("kill");
  }

  /** Waits for a random number of turns, so that operations in progress advance. */
  async #someTurns(): Promise<void> {
    await turns(this.#below(6));
  }

  /**
   * Waits for the operations in progress. Returns false if the process has ended in the meantime, because the next
   * process must not continue an operation.
   */
  async #settledInTime(): Promise<boolean> {
    const db = this.#db;
    await this.#settled();
    return this.#db === db;
  }

  async #settled(): Promise<void> {
    const inFlight = this.#inFlight;
    this.#inFlight = [];
    await Promise.all(inFlight);
    await this.#disk.settled();
  }

  #isReadError(cause: unknown): boolean {
    const { counts } = this.#disk.faults;
    return counts.flip + counts.read + counts.open > 0 && isDamage(cause);
  }

  /** Returns whether the last message of the database about syncs says that it cannot sync its log. */
  #saysUnsynced(): boolean {
    const line = this.#lines.findLast(({ message }) => message.startsWith("syncing the WAL to the disk"));
    return line?.level === "warn";
  }

  #noteLines(): void {
    for (const { level, message, fields } of this.#lines.slice(this.#noted)) {
      if (level === "warn" || level === "error") this.#note(`  log: ${message} ${JSON.stringify(fields)}`);
    }
    this.#noted = this.#lines.length;
  }

  /** Returns the names and sizes of the log's files, for the trace. */
  #files(): string {
    const files = this.#disk.readerFiles();
    try {
      return ["wal", "wbl", "chunks_head"]
        .filter((dir) => files.list(DATA_DIR).includes(dir))
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
    return this.#disk.faults.counts.sync;
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

async function turns(count: number): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- one turn after the other
  for (let i = count; i > 0; i--) await setImmediate();
}
