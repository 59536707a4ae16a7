import type { Expr } from "@narthex/promql";
import { type Clock, Mutex } from "@narthex/runtime";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";
import { SelectionLimitError } from "./bounded-selections.ts";
import type { Job, JobOptions, JobResult, JobRunner } from "./job-runner.ts";
import { type MainThreadRunner, TurnLimitError } from "./main-thread-runner.ts";
import { shutdownError } from "../worker/worker-pool.ts";

/** Turns of the event loop that a rule's query may take here: the first time code is cold. */
const MAX_TURNS = 4;
/** A query that took no longer is cheap, ms. */
const CHEAP_MS = 5;
/** A busy machine makes a cheap query look expensive now and then, and the first ones are slow: code is cold. */
const MAX_SLOW_IN_A_ROW = 5;
/** Queries that follow one upon the other have a turn of so many ms between them. */
const TURN_MS = 5;
/** What rules may take of this thread: a share of its time, and so many ms ahead. */
const TIME_SHARE = 0.02;
const MAX_SPARE_MS = 500;

/**
 * Runs queries of rules on the main thread while they are cheap and few, and everything else where it was to be run. A
 * thread for the rules of a server at rest would take more memory than all that they read.
 */
export class RuleRunner implements JobRunner {
  readonly #here: MainThreadRunner;
  readonly #others: JobRunner;
  readonly #clock: Clock;
  readonly #isOff: () => boolean;
  readonly #mutex = new Mutex();
  /** By expression, which lives as long as its rule: times in a row that it was not cheap. */
  readonly #slow = new WeakMap<Expr, number>();
  #spareMs = MAX_SPARE_MS;
  #sparedAt: number;
  /** Of the present turn of the event loop. */
  #usedMs = 0;
  #nextTurn: Promise<void> | undefined;
  #closed = false;

  /**
   * @param here bounds what a query selects
   * @param isOff no query is run here while it says so
   */
  constructor(here: MainThreadRunner, others: JobRunner, clock: Clock, isOff: () => boolean = () => false) {
    this.#here = here;
    this.#others = others;
    this.#clock = clock;
    this.#isOff = isOff;
    this.#sparedAt = clock.monotonic();
  }

  async run(job: Job, setting: JobOptions): Promise<JobResult> {
    if (job.kind !== "query" || job.form !== "columns" || setting.purpose !== "rules")
      return this.#others.run(job, setting);
    const { expr } = job.request;
    if (expr === undefined || this.#isOff()) return this.#others.run(job, setting);
    const arrived = this.#clock.monotonic();
    // What it waited, and a time in vain, are its own.
    const remaining = (): JobOptions => {
      const waited = this.#clock.monotonic() - arrived;
      return { ...setting, queuedMs: setting.queuedMs + waited, timeoutMs: setting.timeoutMs - waited };
    };
    const slow = this.#slow.get(expr) ?? 0;
    const result =
      slow < MAX_SLOW_IN_A_ROW ? await this.#mutex.runExclusive(() => this.#try(job, remaining)) : undefined;
    if (result !== undefined) {
      this.#slow.set(expr, isCheap(result) ? 0 : slow + 1);
      return result;
    }
    const done = await this.#others.run(job, remaining());
    if (isCheap(done)) this.#slow.delete(expr);
    return done;
  }

  parse(text: string, format: ExpressionFormat): Promise<string> {
    return this.#others.parse(text, format);
  }

  /** What runs here is ended by its lane, and waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#mutex.settled(), this.#others.close()]);
  }

  /** The result; undefined where there is no time for the query here, or it takes too much of it. */
  async #try(job: Extract<Job, { kind: "query" }>, remaining: () => JobOptions): Promise<JobResult | undefined> {
    if (!this.#hasTime()) return undefined;
    while (this.#usedMs >= TURN_MS) await this.#turn();
    if (this.#closed) throw shutdownError();
    const setting = remaining();
    const began = this.#clock.monotonic();
    try {
      return await this.#here.run(job, setting, MAX_TURNS);
    } catch (error) {
      if (error instanceof SelectionLimitError) return undefined;
      if (!(error instanceof TurnLimitError)) throw error;
      const { expr } = job.request;
      this.#slow.set(expr!, (this.#slow.get(expr!) ?? 0) + 1);
      return undefined;
    } finally {
      const took = this.#clock.monotonic() - began;
      this.#spareMs -= took;
      this.#usedMs += took;
      // What follows in this turn adds to it.
      void this.#turn();
    }
  }

  #hasTime(): boolean {
    const now = this.#clock.monotonic();
    this.#spareMs = Math.min(MAX_SPARE_MS, this.#spareMs + (now - this.#sparedAt) * TIME_SHARE);
    this.#sparedAt = now;
    return this.#spareMs > 0;
  }

  /** Resolves when the event loop has done its other work. */
  #turn(): Promise<void> {
    this.#nextTurn ??= new Promise((resolve) =>
      setImmediate(() => {
        this.#nextTurn = undefined;
        this.#usedMs = 0;
        resolve();
      }),
    );
    return this.#nextTurn;
  }
}

/** Anything that is done soon is worth no thread, also where nothing was found: selections are bounded. */
const isCheap = (done: JobResult): boolean =>
  "result" in done && done.result.stats.timings.evalTotalTime * 1000 <= CHEAP_MS;
