import {
  Deadline,
  QueryError,
  type QueryFeatures,
  type QueryResult,
  QuerySlots,
  statsOfWaiting,
} from "@narthex/promql";
import { type Clock, invariant } from "@narthex/runtime";
import type { JsonAnswer, ListedQuery, QueryLane, QueryOrder } from "./query-lane.ts";
import type { AnswerForm, Outcome, QueryRunner } from "./query-runner.ts";
import type { ReadingForm } from "./reading.ts";

/** Where running queries are written down, for the case that the process dies of one. */
export interface QueryJournal {
  /** Writes a query down; the returned function takes it out again. */
  enter(text: string): () => void;
}

export interface LaneOptions {
  readonly clock: Clock;
  readonly features: QueryFeatures;
  /** Queries that run at a time; the others wait. */
  readonly maxConcurrency: number;
  /** From a query's coming in to its end. */
  readonly timeoutMs: number;
  readonly journal: QueryJournal;
  readonly runner: QueryRunner;
}

/** A lane: counts its queries, lets so many run at a time, and knows which. */
export class SlottedLane implements QueryLane {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  readonly #options: LaneOptions;
  readonly #slots: QuerySlots;
  readonly #active = new Set<{ readonly text: string; readonly startedAt: number; state: ListedQuery["state"] }>();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.features = options.features;
    this.maxConcurrency = options.maxConcurrency;
    this.#slots = new QuerySlots(options.maxConcurrency);
  }

  listActive(): readonly ListedQuery[] {
    return Array.from(this.#active, (query) => ({ ...query }));
  }

  async evaluate(order: QueryOrder): Promise<QueryResult> {
    const outcome = await this.#run(order, "columns");
    invariant("result" in outcome, "columns were asked for");
    return outcome.result;
  }

  async answer(order: QueryOrder, withStats: boolean): Promise<JsonAnswer> {
    const outcome = await this.#run(order, withStats ? "json with stats" : "json");
    invariant("json" in outcome, "JSON was asked for");
    return outcome.json;
  }

  read(text: string, form: ReadingForm): Promise<string> {
    return this.#options.runner.read(text, form);
  }

  close(): Promise<void> {
    return this.#options.runner.close();
  }

  async #run(order: QueryOrder, form: AnswerForm): Promise<Outcome> {
    const { clock, timeoutMs, journal, runner } = this.#options;
    const listed = { text: order.text, startedAt: clock.now(), state: "waiting" as ListedQuery["state"] };
    this.#active.add(listed);
    const queuedAt = clock.monotonic();
    const allowed = Math.min(order.timeoutMs ?? Infinity, timeoutMs);
    try {
      const release = await this.#slotFor(order, allowed);
      const queuedMs = clock.monotonic() - queuedAt;
      const outcome = runner.run(order, form, { queuedMs, timeoutMs: allowed - queuedMs });
      // It has not begun yet: a thread is only waking up meanwhile.
      const strike = journal.enter(order.text);
      listed.state = "running";
      try {
        return await outcome;
      } finally {
        strike();
        release();
      }
    } finally {
      this.#active.delete(listed);
    }
  }

  async #slotFor({ signal }: QueryOrder, allowed: number): Promise<() => void> {
    const { clock } = this.#options;
    // The rule: nothing waits, so nothing need end the wait.
    const free = signal?.aborted === true || allowed <= 0 ? undefined : this.#slots.takeFree();
    if (free !== undefined) return free;
    const queuedAt = clock.monotonic();
    const deadline = new Deadline(clock, allowed, signal);
    try {
      return await this.#slots.take(deadline.signal);
    } catch (error) {
      const cause = deadline.translate(error);
      if (cause instanceof QueryError) cause.stats = statsOfWaiting(clock.monotonic() - queuedAt);
      throw cause;
    } finally {
      deadline.close();
    }
  }
}
