import { type Expr, parseExpression, type ParserOptions, type QueryStats, type TextLimits } from "@narthex/promql";
import { TurnLimitError, type MainThreadRunner } from "./main-thread-runner.ts";
import type { Job, JobRunner, JobOptions, JobResult, ResultFormat } from "./job-runner.ts";
import type { QueryRequest } from "./query-lane.ts";
import type { ExpressionFormat } from "../evaluation/expression-format.ts";

/** A query that took no longer the last time, ms, and held no more samples, costs less than the way to a thread and back. */
const MOST_MS = 1;
const MOST_SAMPLES = 2000;
/** Queries whose cost is remembered. */
const MOST_KNOWN = 512;
/** Queries of users ask for these. */
const ANSWERED: ReadonlySet<ResultFormat> = new Set(["json", "json with stats"]);
/** What is read where it arrives: statistics tell nothing of the time that reading a query takes. */
const LIMITS: TextLimits = { characters: 1024, matchers: 100, patterns: 256 };

/**
 * Runs queries of users that were cheap the last time on the main thread, and everything else on workers. A query that is
 * not cheap this time is given up at the end of its first turn and runs on a worker.
 */
export class FastPathRunner implements JobRunner {
  readonly #mainThread: MainThreadRunner;
  readonly #workers: JobRunner;
  readonly #parserOptions: ParserOptions;
  /** Queries that were cheap, by text and grid; the one asked for longest ago first. */
  readonly #cheap = new Map<string, Expr>();

  readonly #isOff: () => boolean;

  /** @param isOff no query is run on the main thread while it says so */
  constructor(
    mainThread: MainThreadRunner,
    workers: JobRunner,
    parserOptions: ParserOptions,
    isOff: () => boolean = () => false,
  ) {
    this.#isOff = isOff;
    this.#mainThread = mainThread;
    this.#workers = workers;
    this.#parserOptions = parserOptions;
  }

  async run(job: Job, setting: JobOptions): Promise<JobResult> {
    if (job.kind !== "query" || !ANSWERED.has(job.form) || setting.purpose !== "queries")
      return this.#workers.run(job, setting);
    const { request } = job;
    if (request.text.length > LIMITS.characters || this.#isOff()) return this.#workers.run(job, setting);
    const key = keyOf(request);
    const expr = this.#cheap.get(key);
    if (expr !== undefined) {
      // It is put back if it was cheap again.
      this.#cheap.delete(key);
      try {
        const outcome = await this.#mainThread.run({ ...job, request: { ...request, expr } }, setting, 1);
        if (isCheap(outcome)) this.#note(key, expr);
        return outcome;
      } catch (error) {
        if (!(error instanceof TurnLimitError)) throw error;
      }
    }
    const outcome = await this.#workers.run(job, setting);
    if (isCheap(outcome)) {
      const parsed = parseExpression(request.text, this.#parserOptions, LIMITS);
      if (parsed.ok) this.#note(key, parsed.expr);
    }
    return outcome;
  }

  parse(text: string, format: ExpressionFormat): Promise<string> {
    return this.#workers.parse(text, format);
  }

  close(): Promise<void> {
    return this.#workers.close();
  }

  #note(key: string, expr: Expr): void {
    if (this.#cheap.size === MOST_KNOWN) this.#cheap.delete(this.#cheap.keys().next().value!);
    this.#cheap.set(key, expr);
  }
}

function isCheap(outcome: JobResult): boolean {
  const stats = "answer" in outcome ? outcome.answer.stats : undefined;
  return stats !== undefined && tellsCheap(stats);
}

/** A query that found nothing does not count as cheap: it may be expensive where there is data. */
const tellsCheap = ({ timings, samples }: QueryStats): boolean =>
  timings.evalTotalTime * 1000 <= MOST_MS && samples.peakSamples > 0 && samples.peakSamples <= MOST_SAMPLES;

/** What has a bearing on the cost: the same dashboard asks for another time, but for as many steps. */
function keyOf(request: QueryRequest): string {
  const rest = `${request.lookbackMs ?? ""} ${request.samplesOf ?? ""} ${request.text}`;
  if ("time" in request) return rest;
  if ("grid" in request) return `${request.grid.step} ${request.grid.count} ${rest}`;
  return `${request.step} ${request.end - request.start} ${rest}`;
}
