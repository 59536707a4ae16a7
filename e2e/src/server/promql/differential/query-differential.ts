import type { Random } from "../../../support/random.ts";
import { type KnownDifference, KnownDifferences } from "../../../support/known-differences.ts";
import { type AnswerDifference, KNOWN } from "./known-differences.ts";
import { type Difference, differencesOf, type QueryAnswer, seriesOf } from "./query-comparison.ts";
import { QueryGrammar } from "./query-grammar.ts";
import { printQuery, type QueryNode, simpler } from "./query-tree.ts";

/** Number of concurrent requests to each server. */
const IN_FLIGHT = 4;
/** Number of failed queries that are minimised and reported. The report only counts further failures. */
const REPORTED = Number(process.env["NARTHEX_REPORTED"] ?? 20);
/** Largest number of simpler queries that are tried in order to minimise a failed query. */
const TRIALS = 150;

/** Minimum shares of answers of each kind among the random queries. */
const CONTENTS = { "with samples": 0.5, "with histograms": 0.05, "with remarks": 0.1, errors: 0.03 };

const UNSTEADY: KnownDifference<AnswerDifference> = {
  reason: "Prometheus answers otherwise when it is asked again",
  share: 0.001,
  applies: () => false,
};

interface QueryRequest {
  readonly query: QueryNode;
  readonly path: "query" | "query_range";
  readonly parameters: Readonly<Record<string, string>>;
}

export interface DifferentialReport {
  /**
   * Differences that are not accepted, each with a minimised query. A last line gives the number of further
   * differences.
   */
  readonly failures: readonly string[];
  readonly known: KnownDifferences<AnswerDifference>;
}

/**
 * Sends the same generated queries to our server and Prometheus, which have the same data, and compares the answers.
 */
export class QueryDifferential {
  readonly #ours: string;
  readonly #theirs: string;
  readonly #span: { readonly start: number; readonly end: number };
  readonly #known: KnownDifferences<AnswerDifference>;

  /**
   * @param span time range of the stored data, ms
   * @param contents minimum shares of answers of each kind
   */
  constructor(
    ours: string,
    theirs: string,
    span: { readonly start: number; readonly end: number },
    contents: Readonly<Record<string, number>> = CONTENTS,
  ) {
    this.#known = new KnownDifferences("promql differential", [...KNOWN, UNSTEADY], contents);
    this.#ours = ours;
    this.#theirs = theirs;
    this.#span = span;
  }

  async run(random: Random, count: number): Promise<DifferentialReport> {
    const grammar = new QueryGrammar(random);
    const failed: { readonly request: QueryRequest; readonly differences: readonly Difference[] }[] = [];
    let sent = 0;
    const worker = async (): Promise<void> => {
      while (sent < count) {
        sent++;
        const request = this.#drawRequest(random, grammar.query());
        // oxlint-disable-next-line no-await-in-loop -- a worker sends one query at a time
        const differences = await this.#differences(request, true);
        if (differences.length > 0) failed.push({ request, differences });
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    const reported = await Promise.all(
      failed.slice(0, REPORTED).map(({ request, differences }) => this.#reportOf(request, differences)),
    );
    const rest = failed.length - reported.length;
    return {
      failures: rest > 0 ? [...reported, `${rest} more queries are answered otherwise`] : reported,
      known: this.#known,
    };
  }

  /**
   * Generates a random instant or range query. Its times are within the time range of the stored data, or shortly
   * before or after it.
   */
  #drawRequest(random: Random, query: QueryNode): QueryRequest {
    const { start, end } = this.#span;
    const jitter = random.chance(50) ? 0 : random.below(60_000);
    const time = start + random.below((end - start) / 60_000 + 12) * 60_000 + jitter;
    const lookback: Record<string, string> = random.chance(4) ? { lookback_delta: random.pick(["1m", "15m"]) } : {};
    if (random.chance(45)) return { query, path: "query", parameters: { time: String(time / 1000), ...lookback } };
    const step = random.pick([15, 30, 60, 61, 120, 300, 7.5, 3600]);
    const steps = random.below(20);
    // Fraction of a step by which the range end is beyond the last step. The PromQL function end() must return the end
    // unchanged.
    const beyond = random.chance(70) ? 0 : Math.floor(step * 1000 * 0.37) / 1000;
    const last = time / 1000 + step * steps + beyond;
    const parameters = { start: String(time / 1000), end: String(last), step: String(step) };
    return { query, path: "query_range", parameters: { ...parameters, ...lookback } };
  }

  /**
   * Sends a query to both servers, and returns the differences without a matching rule. If there are any, sends the
   * query to Prometheus again. If Prometheus' two answers differ, the second one is compared instead.
   */
  async #differences(request: QueryRequest, counted: boolean): Promise<Difference[]> {
    const [ours, theirs] = await Promise.all([sendQuery(this.#ours, request), sendQuery(this.#theirs, request)]);
    const judged = differencesBetween(request, ours, theirs).map((one) => ({ one, rule: this.#known.explain(one) }));
    const rules = judged.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
    let unexplained = judged.flatMap(({ one, rule }) => (rule === undefined ? [one] : []));
    if (unexplained.length > 0) {
      const again = await sendQuery(this.#theirs, request);
      if (differencesOf(request.query, theirs, again).length > 0) {
        rules.push(UNSTEADY);
        unexplained = differencesBetween(request, ours, again).filter((one) => this.#known.explain(one) === undefined);
      }
    }
    if (counted) this.#known.count(rules, contentsOf(theirs));
    return unexplained;
  }

  /**
   * Searches for the simplest query that still shows the difference. Resolves with a description of the query and the
   * difference.
   */
  async #reportOf(request: QueryRequest, found: readonly Difference[]): Promise<string> {
    const whole = printQuery(request.query);
    let least = request;
    let differences = found;
    const kinds = new Set(found.map(({ kind }) => kind));
    let trials = TRIALS;
    for (let smaller = true; smaller && trials > 0;) {
      smaller = false;
      for (const query of simpler(least.query)) {
        if (trials-- <= 0) break;
        const candidate = { ...least, query };
        // oxlint-disable-next-line no-await-in-loop -- the next trial depends on this one
        const still = (await this.#differences(candidate, false)).filter(({ kind }) => kinds.has(kind));
        if (still.length === 0) continue;
        [least, differences, smaller] = [candidate, still, true];
        break;
      }
    }
    const parameters = Object.entries(least.parameters).map(([name, value]) => `${name}=${value}`);
    const lines = differences.map(({ kind, ours, theirs }) => `  ${kind}\n    ours   ${ours}\n    theirs ${theirs}`);
    const small = printQuery(least.query);
    return [
      small,
      `  ${least.path} ${parameters.join(" ")}`,
      ...lines,
      ...(small === whole ? [] : [`  found as ${whole}`]),
    ].join("\n");
  }
}

const differencesBetween = (request: QueryRequest, ours: QueryAnswer, theirs: QueryAnswer): AnswerDifference[] =>
  differencesOf(request.query, ours, theirs).map((difference) => ({
    ...difference,
    query: printQuery(request.query),
    overRange: request.path === "query_range",
    answers: [ours, theirs],
  }));

function* contentsOf({ body }: QueryAnswer): Generator<string> {
  if (body.warnings !== undefined || body.infos !== undefined) yield "with remarks";
  if (body.status !== "success") yield "errors";
  else if (body.data!.result.length === 0) yield "empty";
  else yield "with samples";
  if (seriesOf({ body }).some((one) => one.histogram !== undefined || one.histograms !== undefined))
    yield "with histograms";
}

async function sendQuery(base: string, { query, path, parameters }: QueryRequest): Promise<QueryAnswer> {
  const body = new URLSearchParams({ query: printQuery(query), ...parameters });
  const response = await fetch(`${base}/api/v1/${path}`, { method: "POST", body });
  return { code: response.status, body: (await response.json()) as QueryAnswer["body"] };
}
