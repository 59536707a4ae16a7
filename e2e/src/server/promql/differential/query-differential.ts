import type { Dice } from "../../../support/dice.ts";
import { type KnownDifference, KnownDifferences } from "../../../support/known-differences.ts";
import { type AnswerDifference, KNOWN } from "./known-differences.ts";
import { type Difference, differencesOf, type QueryAnswer, seriesOf } from "./query-comparison.ts";
import { QueryGrammar } from "./query-grammar.ts";
import { printQuery, type QueryNode, simpler } from "./query-tree.ts";

/** Number of concurrent requests to each server. */
const IN_FLIGHT = 4;
/** Number of failures that are minimised and reported. The report gives only the number of the other failures. */
const REPORTED = Number(process.env["NARTHEX_REPORTED"] ?? 20);
/** Limit of the simpler queries that are tried to minimise a failure. */
const TRIALS = 150;

/** The smallest accepted share of answers of each kind. */
const CONTENTS = { "with samples": 0.5, "with histograms": 0.05, "with remarks": 0.1, errors: 0.03 };

const UNSTEADY: KnownDifference<AnswerDifference> = {
  reason: "Prometheus answers otherwise when it is asked again",
  share: 0.001,
  applies: () => false,
};

interface Question {
  readonly query: QueryNode;
  readonly path: "query" | "query_range";
  readonly parameters: Readonly<Record<string, string>>;
}

export interface DifferentialReport {
  /** Minimised differences that no rule explains, and a line with the number of further differences. */
  readonly failures: readonly string[];
  readonly known: KnownDifferences<AnswerDifference>;
}

/** Sends the same generated queries to two servers with the same data. */
export class QueryDifferential {
  readonly #ours: string;
  readonly #theirs: string;
  readonly #span: { readonly start: number; readonly end: number };
  readonly #known: KnownDifferences<AnswerDifference>;

  /**
   * @param span time range of the data, ms
   * @param contents the smallest accepted share of answers of each kind
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

  async run(dice: Dice, count: number): Promise<DifferentialReport> {
    const grammar = new QueryGrammar(dice);
    const failed: { readonly question: Question; readonly differences: readonly Difference[] }[] = [];
    let asked = 0;
    const worker = async (): Promise<void> => {
      while (asked < count) {
        asked++;
        const question = this.#question(dice, grammar.query());
        // oxlint-disable-next-line no-await-in-loop -- a worker sends one query at a time
        const differences = await this.#differences(question, true);
        if (differences.length > 0) failed.push({ question, differences });
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    const reported = await Promise.all(
      failed.slice(0, REPORTED).map(({ question, differences }) => this.#reportOf(question, differences)),
    );
    const rest = failed.length - reported.length;
    return {
      failures: rest > 0 ? [...reported, `${rest} more queries are answered otherwise`] : reported,
      known: this.#known,
    };
  }

  /** Draws an instant or range query. Its times are between some time before the data and some time after it. */
  #question(dice: Dice, query: QueryNode): Question {
    const { start, end } = this.#span;
    const jitter = dice.chance(50) ? 0 : dice.roll(60_000);
    const time = start + dice.roll((end - start) / 60_000 + 12) * 60_000 + jitter;
    const lookback: Record<string, string> = dice.chance(4) ? { lookback_delta: dice.pick(["1m", "15m"]) } : {};
    if (dice.chance(45)) return { query, path: "query", parameters: { time: String(time / 1000), ...lookback } };
    const step = dice.pick([15, 30, 60, 61, 120, 300, 7.5, 3600]);
    const steps = dice.roll(20);
    // The end of the range need not be on a step. The function end() in a query returns it unchanged.
    const beyond = dice.chance(70) ? 0 : Math.floor(step * 1000 * 0.37) / 1000;
    const last = time / 1000 + step * steps + beyond;
    const parameters = { start: String(time / 1000), end: String(last), step: String(step) };
    return { query, path: "query_range", parameters: { ...parameters, ...lookback } };
  }

  /**
   * Returns the differences that no rule explains. If there are any, sends the query to the original again. If its two
   * answers differ, the second one is compared instead.
   */
  async #differences(question: Question, counted: boolean): Promise<Difference[]> {
    const [ours, theirs] = await Promise.all([ask(this.#ours, question), ask(this.#theirs, question)]);
    const judged = differencesBetween(question, ours, theirs).map((one) => ({ one, rule: this.#known.explain(one) }));
    const rules = judged.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
    let left = judged.flatMap(({ one, rule }) => (rule === undefined ? [one] : []));
    if (left.length > 0) {
      const again = await ask(this.#theirs, question);
      if (differencesOf(question.query, theirs, again).length > 0) {
        rules.push(UNSTEADY);
        left = differencesBetween(question, ours, again).filter((one) => this.#known.explain(one) === undefined);
      }
    }
    if (counted) this.#known.count(rules, contentsOf(theirs));
    return left;
  }

  /** Searches for the simplest query that shows the difference, and describes the difference. */
  async #reportOf(question: Question, found: readonly Difference[]): Promise<string> {
    const whole = printQuery(question.query);
    let least = question;
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

const differencesBetween = (question: Question, ours: QueryAnswer, theirs: QueryAnswer): AnswerDifference[] =>
  differencesOf(question.query, ours, theirs).map((difference) => ({
    ...difference,
    query: printQuery(question.query),
    overRange: question.path === "query_range",
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

async function ask(base: string, { query, path, parameters }: Question): Promise<QueryAnswer> {
  const body = new URLSearchParams({ query: printQuery(query), ...parameters });
  const response = await fetch(`${base}/api/v1/${path}`, { method: "POST", body });
  return { code: response.status, body: (await response.json()) as QueryAnswer["body"] };
}
