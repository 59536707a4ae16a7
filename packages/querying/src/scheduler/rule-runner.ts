import type { Expr } from "@narthex/promql";
import { type Clock, Mutex } from "@narthex/runtime";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";
import { SelectionLimitError } from "./bounded-selections.ts";
import type { Job, JobOptions, JobResult, JobRunner } from "./job-runner.ts";
import { type MainThreadRunner, TurnLimitError } from "./main-thread-runner.ts";
import { shutdownError } from "../worker/worker-pool.ts";

/**
 * Largest number of turns of the event loop for a rule's query on the main thread. The number is above one, because code is slow when it first runs.
 */
const MAX_TURNS = 4;
/** Longest time in ms of a query that counts as cheap. */
const CHEAP_MS = 5;
/**
 * Number of consecutive slow evaluations after which a rule no longer counts as cheap. Cheap queries are sometimes slow
 * on a busy machine, and at first because the code is not optimised yet.
 */
const MAX_SLOW_IN_A_ROW = 5;
/** Time in ms of consecutive queries after which other work of the main thread may run. */
const TURN_MS = 5;
/**
 * Fraction of the main thread's time that rules may use. The next constant is the time in ms that they may use in
 * advance.
 */
const TIME_SHARE = 0.25;
const MAX_SPARE_MS = 500;

/**
 * Runs queries of rules on the main thread while they are cheap and few. Passes all other jobs on. On a server with few
 * queries, a thread for rules would need more memory than the data that rules read.
 */
export class RuleRunner implements JobRunner {
  readonly #here: MainThreadRunner;
  readonly #others: JobRunner;
  readonly #clock: Clock;
  readonly #isOff: () => boolean;
  readonly #mutex = new Mutex();
  /** Number of consecutive slow evaluations of a rule, by its parsed expression, which exists as long as the rule. */
  readonly #slow = new WeakMap<Expr, number>();
  #spareMs = MAX_SPARE_MS;
  #sparedAt: number;
  /** Time in ms that rules have used in this turn of the event loop. */
  #usedMs = 0;
  #nextTurn: Promise<void> | undefined;
  #closed = false;

  /**
   * @param here runs queries on the main thread, with a limit for the number of series
   * @param isOff while this function returns true, all rules run on other threads
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
    // Returns the options for the next attempt. The waiting time includes the time in this runner and in a stopped
    // attempt.
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

  /** Waits for the jobs on the main thread. The caller must cancel them first. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#mutex.settled(), this.#others.close()]);
  }

  /**
   * Tries to run a query on the main thread. Returns undefined if the time for rules is used up or the query takes too
   * long.
   */
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
      // Starts the next turn of the event loop, which resets the used time. Queries before that turn add to the used
      // time.
      void this.#turn();
    }
  }

  #hasTime(): boolean {
    const now = this.#clock.monotonic();
    this.#spareMs = Math.min(MAX_SPARE_MS, this.#spareMs + (now - this.#sparedAt) * TIME_SHARE);
    this.#sparedAt = now;
    return this.#spareMs > 0;
  }

  /** Resolves after the other waiting work of the event loop has run. */
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

/**
 * Returns whether an evaluation was cheap. A query without a result may count as cheap, because the limited number of
 * series prevents that it becomes expensive.
 */
const isCheap = (done: JobResult): boolean =>
  "result" in done && done.result.stats.timings.evalTotalTime * 1000 <= CHEAP_MS;
