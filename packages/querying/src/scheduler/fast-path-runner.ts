import { type Expr, parseExpression, type ParserOptions, type QueryStats, type TextLimits } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import { SelectionLimitError } from "./bounded-selections.ts";
import { TurnLimitError, type MainThreadRunner } from "./main-thread-runner.ts";
import type { Job, JobRunner, JobOptions, JobResult, ResultFormat } from "./job-runner.ts";
import type { QueryRequest } from "./query-lane.ts";
import type { Listing } from "../listing/listing.ts";
import { readsNothing } from "./reads-nothing.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/**
 * Largest time in ms of a query's last evaluation for which the query runs on the main thread. The next constant limits
 * the number of samples. Sending a query to a thread and back takes as long as a short query. A longer query blocks the
 * main thread only for a few ms.
 */
const MAX_MS = 2.5;
const MAX_SAMPLES = 2000;
/** Number of queries, and of listings, whose cost the runner remembers. */
const MAX_KNOWN = 512;
/** Result formats of users' queries. */
const ANSWERED: ReadonlySet<ResultFormat> = new Set(["json", "json with stats"]);
/** Largest length of a query text for which the runner checks whether the query reads stored data. */
const MAX_CONSTANT_CHARACTERS = 64;
/**
 * Number of consecutive slow evaluations after which a query no longer counts as cheap. On a busy machine, cheap
 * queries sometimes take longer.
 */
const MAX_SLOW_IN_A_ROW = 2;
/**
 * Limits for texts that are parsed on the main thread. The limits are needed because a query counts as cheap by its
 * statistics, which exclude the parsing time.
 */
const LIMITS: TextLimits = { characters: 1024, matchers: 100, patterns: 256 };

/** Number of times that a listing runs on worker threads after it did not finish within a turn. */
const TIMES_ON_WORKERS = 64;
/** Kinds of listings that may run on the main thread. */
const LISTED: ReadonlySet<Listing["kind"]> = new Set(["series", "label names", "label values"]);

/** A query that may run on the main thread. */
interface CheapQuery {
  readonly expr: Expr;
  /** Whether the query reads no stored data, such as `1` or `time()`. */
  readonly constant: boolean;
  /** Number of consecutive evaluations that were slow. */
  readonly slow: number;
}

/** The runners that a FastPathRunner chooses from. */
interface Runners {
  /** Runs queries on the main thread, with a limit for the number of series. */
  readonly queries: MainThreadRunner;
  /** Runs listings on the main thread, with a limit for the number of series, names and values. */
  readonly listings: MainThreadRunner;
  readonly workers: JobRunner;
}

/**
 * Runs users' queries on the main thread if they were cheap recently or read no stored data, and short listings. Runs
 * all other jobs on worker threads. A job that does not finish within one turn of the event loop is stopped and moved to
 * a worker thread.
 */
export class FastPathRunner implements JobRunner {
  readonly #mainThread: MainThreadRunner;
  readonly #listings: MainThreadRunner;
  readonly #workers: JobRunner;
  readonly #parserOptions: ParserOptions;
  /**
   * Cheap queries by text, step and number of evaluation times, in the order of their use. The least recently used is
   * first.
   */
  readonly #cheap = new Map<string, CheapQuery>();
  /** For listings that did not finish within a turn: the number of times that they still run on worker threads. */
  readonly #slowListings = new Map<string, number>();
  readonly #clock: Pick<Clock, "now">;
  readonly #isOff: () => boolean;

  /** @param isOff while this function returns true, all queries run on worker threads */
  constructor(
    { queries, listings, workers }: Runners,
    clock: Pick<Clock, "now">,
    parserOptions: ParserOptions,
    isOff: () => boolean = () => false,
  ) {
    this.#isOff = isOff;
    this.#mainThread = queries;
    this.#listings = listings;
    this.#workers = workers;
    this.#clock = clock;
    this.#parserOptions = parserOptions;
  }

  async run(job: Job, setting: JobOptions): Promise<JobResult> {
    if (job.kind === "list") return this.#list(job, setting);
    if (!ANSWERED.has(job.form) || setting.purpose !== "queries") return this.#workers.run(job, setting);
    const { request } = job;
    if (request.text.length > LIMITS.characters || this.#isOff()) return this.#workers.run(job, setting);
    const key = keyOf(request, this.#clock.now());
    const known = this.#cheap.get(key) ?? this.#constant(request);
    if (known !== undefined) {
      // Removes the query from the list of cheap queries. The code below adds it again, unless the query has become
      // expensive.
      this.#cheap.delete(key);
      try {
        const outcome = await this.#mainThread.run({ ...job, request: { ...request, expr: known.expr } }, setting, 1);
        const slow = known.constant || isCheap(outcome) ? 0 : known.slow + 1;
        if (slow < MAX_SLOW_IN_A_ROW) note(this.#cheap, key, { ...known, slow });
        return outcome;
      } catch (error) {
        if (!isOverLimit(error)) throw error;
      }
    }
    const outcome = await this.#workers.run(job, setting);
    if (isCheap(outcome)) {
      const parsed = parseExpression(request.text, this.#parserOptions, LIMITS);
      if (parsed.ok) note(this.#cheap, key, { expr: parsed.expr, constant: false, slow: 0 });
    }
    return outcome;
  }

  async #list(job: Extract<Job, { kind: "list" }>, setting: JobOptions): Promise<JobResult> {
    const { kind, match } = job.listing;
    const characters = match.reduce((sum, { length }) => sum + length, 0);
    if (!LISTED.has(kind) || characters > LIMITS.characters || match.length > LIMITS.matchers || this.#isOff())
      return this.#workers.run(job, setting);
    const key = JSON.stringify([kind, "name" in job.listing ? job.listing.name : "", match]);
    const left = this.#slowListings.get(key) ?? 0;
    if (left > 0) {
      this.#slowListings.set(key, left - 1);
      return this.#workers.run(job, setting);
    }
    try {
      return await this.#listings.run(job, setting, 1);
    } catch (error) {
      if (!isOverLimit(error)) throw error;
      if (error instanceof TurnLimitError) note(this.#slowListings, key, TIMES_ON_WORKERS);
      return this.#workers.run(job, setting);
    }
  }

  #constant({ text }: QueryRequest): CheapQuery | undefined {
    if (text.length > MAX_CONSTANT_CHARACTERS) return undefined;
    const parsed = parseExpression(text, this.#parserOptions, LIMITS);
    return parsed.ok && readsNothing(parsed.expr) ? { expr: parsed.expr, constant: true, slow: 0 } : undefined;
  }

  parse(text: string, format: ExpressionFormat): Promise<string> {
    return this.#workers.parse(text, format);
  }

  close(): Promise<void> {
    return this.#workers.close();
  }
}

/** Sets an entry of a map with a limited number of entries. If the map is full, removes the oldest entry first. */
function note<T>(into: Map<string, T>, key: string, value: T): void {
  if (into.size === MAX_KNOWN) into.delete(into.keys().next().value!);
  into.set(key, value);
}

const isOverLimit = (error: unknown): boolean =>
  error instanceof TurnLimitError || error instanceof SelectionLimitError;

function isCheap(outcome: JobResult): boolean {
  const stats = "answer" in outcome ? outcome.answer.stats : undefined;
  return stats !== undefined && isMeasuredCheap(stats);
}

/**
 * Returns whether an evaluation was cheap. A query without a result is not cheap, because it may be expensive when
 * there is data.
 */
const isMeasuredCheap = ({ timings, samples }: QueryStats): boolean =>
  timings.evalTotalTime * 1000 <= MAX_MS && samples.peakSamples > 0 && samples.peakSamples <= MAX_SAMPLES;

/**
 * Returns a text of all properties that determine the cost of a query. A dashboard repeats a query at other times, but
 * with the same number of evaluation times. The age of the data is part of the text, because data of another age may be
 * in blocks that were not read recently.
 */
function keyOf(request: QueryRequest, now: number): string {
  const rest = `${request.lookbackMs ?? ""} ${request.samplesOf ?? ""} ${request.text}`;
  if ("time" in request) return `${ageOf(request.time, now)} ${rest}`;
  if ("grid" in request) {
    const { start, step, count } = request.grid;
    return `${ageOf(start, now)} ${step} ${count} ${rest}`;
  }
  const { start, end, step } = request;
  return `${ageOf(start, now)} ${step} ${end - start} ${rest}`;
}

const HOUR_MS = 3_600_000;

/** Returns a class for the age of data in hours: up to one, two, four, eight … */
const ageOf = (time: number, now: number): number => Math.ceil(Math.log2(Math.max(1, (now - time) / HOUR_MS)));
