import type { Expr } from "@narthex/promql";
import { type Clock, Mutex } from "@narthex/runtime";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";
import { SelectionLimitError } from "./bounded-selections.ts";
import type { Job, JobOptions, JobResult, JobRunner } from "./job-runner.ts";
import { type MainThreadRunner, TurnLimitError } from "./main-thread-runner.ts";
import { shutdownError } from "../worker/worker-pool.ts";

/**
 * Largest number of event loop turns of a rule's query on the main thread. Several are permitted, because code is slow
 * when it first runs.
 */
const MAX_TURNS = 4;
/** Largest time of a cheap query, ms. */
const CHEAP_MS = 5;
/**
 * Number of slow evaluations in a row after which a rule is no longer cheap. On a busy machine a cheap query sometimes
 * takes longer, and the first evaluations are slow because the code is not optimised yet.
 */
const MAX_SLOW_IN_A_ROW = 5;
/** Time of consecutive queries after which the event loop gets a turn, ms. */
const TURN_MS = 5;
/** Share of the main thread's time that rules may use, and the largest time in ms that they may use in advance. */
const TIME_SHARE = 0.02;
const MAX_SPARE_MS = 500;

/**
 * Runs queries of rules on the main thread while they are cheap and few. Runs all other jobs on other runners. On a
 * server with few queries, a thread for rules would need more memory than all the data that the rules read.
 */
export class RuleRunner implements JobRunner {
  readonly #here: MainThreadRunner;
  readonly #others: JobRunner;
  readonly #clock: Clock;
  readonly #isOff: () => boolean;
  readonly #mutex = new Mutex();
  /** Number of slow evaluations in a row, by the expression, whose object exists as long as its rule. */
  readonly #slow = new WeakMap<Expr, number>();
  #spareMs = MAX_SPARE_MS;
  #sparedAt: number;
  /** Time used in the current turn of the event loop, ms. */
  #usedMs = 0;
  #nextTurn: Promise<void> | undefined;
  #closed = false;

  /**
   * @param here runs queries on the main thread, with limited selections
   * @param isOff disables the main thread while it returns true
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
    // The time that was spent waiting here, or in an attempt that was stopped, is part of the query's time.
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

  /** Waits for jobs that run here. The lane ends them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#mutex.settled(), this.#others.close()]);
  }

  /** Runs a query on the main thread. Returns undefined if there is no time for it, or if it takes too much time. */
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
      // The used time is reset in the next turn; until then later queries add to it.
      void this.#turn();
    }
  }

  #hasTime(): boolean {
    const now = this.#clock.monotonic();
    this.#spareMs = Math.min(MAX_SPARE_MS, this.#spareMs + (now - this.#sparedAt) * TIME_SHARE);
    this.#sparedAt = now;
    return this.#spareMs > 0;
  }

  /** Resolves when the event loop has finished its other work. */
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
 * Returns whether an evaluation was cheap. Selections are limited, so that even a query which found nothing cannot
 * become expensive later.
 */
const isCheap = (done: JobResult): boolean =>
  "result" in done && done.result.stats.timings.evalTotalTime * 1000 <= CHEAP_MS;
