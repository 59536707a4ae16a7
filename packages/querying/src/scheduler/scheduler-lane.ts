import {
  Deadline,
  QueryError,
  type QueryFeatures,
  type QueryResult,
  QueryGate,
  QUERY_LIMITS,
  queuedQueryStats,
  TextBudget,
} from "@narthex/promql";
import { type Clock, invariant } from "@narthex/runtime";
import type { ActiveJobKind, ActiveJobs, JobDescription, JobEntry } from "./active-jobs.ts";
import type { ResultFormat, Job, JobRunner, JobResult } from "./job-runner.ts";
import type { Purpose } from "../evaluation/memory-account.ts";
import type {
  JsonResponse,
  ActiveQuery,
  ListingRequest,
  QueryLane,
  QueryOrigin,
  QueryRequest,
  StreamedResponse,
} from "./query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";
import { shutdownError } from "../worker/worker-pool.ts";

/**
 * Records running queries in a file, as Prometheus does. If a query kills the process, the next process can log this
 * query.
 */
export interface QueryTracker {
  /** Records that a query is running. Returns a function that must be called when the query ends. */
  insert(text: string): () => void;
}

export interface LaneOptions {
  readonly name: string;
  /** The list of active jobs, to which this queue adds its jobs. */
  readonly jobs: ActiveJobs;
  readonly purpose: Purpose;
  readonly clock: Clock;
  readonly features: QueryFeatures;
  /** Maximum number of jobs that run at the same time. Further jobs wait. */
  readonly maxConcurrency: number;
  /** Maximum time in ms from the arrival of a job to its end. */
  readonly timeoutMs: number;
  readonly tracker: QueryTracker;
  readonly runner: JobRunner;
  /**
   * Whether a job counts as running until its response is sent or abandoned. Otherwise the job counts only until its
   * response begins.
   */
  readonly holdsSlotsWhileSending?: boolean;
}

interface CommonRequest {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly gzip?: boolean;
  readonly origin?: QueryOrigin;
  readonly principal?: string | undefined;
}

/** Signal for requests without a signal. This signal is never aborted. */
const NEVER = new AbortController().signal;

/**
 * Queue for jobs of one kind, such as users' queries, with a limit for concurrent jobs. Further jobs wait. All jobs are
 * added to the list of active jobs.
 */
export class SchedulerLane implements QueryLane {
  readonly features: QueryFeatures;
  readonly maxConcurrency: number;
  readonly #options: LaneOptions;
  readonly #slots: QueryGate;
  /**
   * Separate limit for parse jobs. Parsing must not wait for queries, because an editor sends its text at every key
   * press.
   */
  readonly #parseSlots: QueryGate;
  readonly #active = new Set<JobEntry>();
  readonly #running = new Set<(reason: Error) => void>();
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.features = options.features;
    this.maxConcurrency = options.maxConcurrency;
    this.#slots = new QueryGate(options.maxConcurrency);
    this.#parseSlots = new QueryGate(options.maxConcurrency);
  }

  listActive(): readonly ActiveQuery[] {
    return Array.from(this.#active, ({ description, startedAt, state }) => ({
      text: description.text,
      startedAt,
      state: state === "waiting" ? state : "running",
    }));
  }

  async evaluate(request: QueryRequest): Promise<QueryResult> {
    const outcome = await this.#query(request, "columns");
    invariant("result" in outcome, "the request was for columns");
    return outcome.result;
  }

  async answer(request: QueryRequest, withStats: boolean): Promise<JsonResponse> {
    const outcome = await this.#query(request, withStats ? "json with stats" : "json");
    invariant("answer" in outcome && outcome.answer.stats !== undefined, "the request was for JSON with statistics");
    return outcome.answer as JsonResponse;
  }

  async explain(request: QueryRequest, analyze: boolean): Promise<StreamedResponse> {
    const outcome = await this.#query(request, analyze ? "analysis" : "plan");
    invariant("answer" in outcome, "an explanation is returned as bytes");
    return outcome.answer;
  }

  async list({ listing, ...request }: ListingRequest): Promise<StreamedResponse> {
    const entry = this.#listed({ kind: listing.kind, text: listing.match.join(" ") }, request);
    const outcome = await this.#run({ kind: "list", listing }, request, entry, () => {});
    invariant("answer" in outcome, "a listing is returned as bytes");
    return outcome.answer;
  }

  async parse(text: string, format: ExpressionFormat, signal = NEVER): Promise<string> {
    checkLength(text);
    const release = await this.#slotFor(signal, this.#options.timeoutMs, this.#parseSlots);
    try {
      if (this.#closed) throw shutdownError();
      return await this.#options.runner.parse(text, format);
    } finally {
      release();
    }
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#running) stop(shutdownError());
  }

  async #query(request: QueryRequest, form: ResultFormat): Promise<JobResult> {
    checkLength(request.text);
    const entry = this.#listed({ kind: kindOf(request, form), text: request.text }, request);
    this.#active.add(entry);
    let remove = (): void => {};
    try {
      return await this.#run({ kind: "query", request, form }, request, entry, () => {
        remove = this.#options.tracker.insert(request.text);
      });
    } finally {
      remove();
      this.#active.delete(entry);
    }
  }

  #listed(job: Pick<JobDescription, "kind" | "text">, { origin, principal, signal }: CommonRequest): JobEntry {
    const { clock, jobs, name } = this.#options;
    return jobs.add({ ...job, lane: name, origin, principal }, clock.now(), signal);
  }

  /** @param started callback when the job may run, possibly before its thread has begun the job */
  async #run(job: Job, request: CommonRequest, entry: JobEntry, started: () => void): Promise<JobResult> {
    try {
      return untilReleased(await this.#runInSlot(job, request, entry, started), entry);
    } catch (error) {
      entry.end();
      throw error;
    }
  }

  async #runInSlot(job: Job, request: CommonRequest, entry: JobEntry, started: () => void): Promise<JobResult> {
    const { clock, timeoutMs, runner, purpose, holdsSlotsWhileSending = false } = this.#options;
    const queuedAt = clock.monotonic();
    const allowed = Math.min(request.timeoutMs ?? Infinity, timeoutMs);
    const release = await this.#slotFor(entry.signal, allowed);
    let isSending = false;
    try {
      if (this.#closed) throw shutdownError();
      const queuedMs = clock.monotonic() - queuedAt;
      const outcome = runner.run(job, {
        purpose,
        queuedMs,
        timeoutMs: allowed - queuedMs,
        signal: entry.signal,
        gzip: request.gzip ?? false,
        running: this.#running,
        placed: (place) => entry.placed(place),
      });
      entry.state = "running";
      started();
      const result = await outcome;
      if (!holdsSlotsWhileSending || !("answer" in result)) return result;
      isSending = true;
      const { answer } = result;
      const sent = (): void => {
        answer.release();
        release();
      };
      return { answer: { ...answer, release: sent } };
    } finally {
      if (!isSending) release();
    }
  }

  async #slotFor(signal: AbortSignal, allowed: number, slots = this.#slots): Promise<() => void> {
    const { clock } = this.#options;
    // Tries to get a free slot without a timer and a listener first, because a slot is usually free.
    const free = signal.aborted || allowed <= 0 ? undefined : slots.tryAcquire();
    if (free !== undefined) return free;
    const queuedAt = clock.monotonic();
    const deadline = new Deadline(clock, allowed, signal);
    try {
      return await slots.take(deadline.signal);
    } catch (error) {
      const cause = deadline.translate(error);
      if (cause instanceof QueryError) cause.stats = queuedQueryStats(clock.monotonic() - queuedAt);
      throw cause;
    } finally {
      deadline.close();
    }
  }
}

/** Refuses a text that is too long to be parsed. The check comes before the job waits for its turn. */
function checkLength(text: string): void {
  const problem = new TextBudget(QUERY_LIMITS).takeText(text);
  if (problem !== undefined) throw new QueryError("bad-query", `1:1: parse error: ${problem}`);
}

function kindOf(request: QueryRequest, form: ResultFormat): ActiveJobKind {
  if (form === "plan" || form === "analysis") return "explain";
  if (request.origin !== undefined && "ruleGroup" in request.origin) return "rule";
  return "time" in request ? "query" : "query_range";
}

/** Keeps a job in the list of active jobs until the last piece of its response has been sent. */
function untilReleased(outcome: JobResult, entry: JobEntry): JobResult {
  if (!("answer" in outcome) || outcome.answer.rest === undefined) {
    entry.end();
    return outcome;
  }
  entry.state = "answering";
  const { answer } = outcome;
  const release = (): void => {
    entry.end();
    answer.release();
  };
  return { answer: { ...answer, release } };
}
