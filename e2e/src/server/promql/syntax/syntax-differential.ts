import type { Random } from "../../../support/random.ts";
import { KnownDifferences } from "../../../support/known-differences.ts";
import { KNOWN, type SyntaxDifference } from "./known-syntax-differences.ts";
import { mutated, SyntaxQueries } from "./syntax-queries.ts";

/** Number of failures that are reported in full. The report only counts further failures. */
const REPORTED = 20;
const IN_FLIGHT = 4;

/** Fields of the API's syntax tree (parse_query) that only later Prometheus versions than the compared one return. */
const LATER_FIELDS = new Set(["rangeExpr", "offsetExpr", "stepExpr", "anchored", "smoothed", "fillValues"]);

/** Minimum shares of generated texts that both servers accept, and that both servers refuse. */
const CONTENTS = { read: 0.15, refused: 0.25 };

interface Answer {
  readonly status: string;
  readonly data?: unknown;
  readonly error?: string;
}

export interface SyntaxReport {
  readonly failures: readonly string[];
  readonly known: KnownDifferences<SyntaxDifference>;
}

/**
 * Sends generated PromQL texts, valid ones and ones with mistakes, to the parsers of our server and Prometheus.
 * Compares the results.
 */
export class SyntaxDifferential {
  readonly #ours: string;
  readonly #theirs: string;
  readonly #known = new KnownDifferences<SyntaxDifference>("promql syntax", KNOWN, CONTENTS);
  readonly #failures: string[] = [];

  constructor(ours: string, theirs: string) {
    this.#ours = ours;
    this.#theirs = theirs;
  }

  /** Compares `count` texts. Half of them have mistakes, and one in ten is a selector. */
  async run(random: Random, count: number): Promise<SyntaxReport> {
    const options = { later: false };
    const queries = new SyntaxQueries(random, options);
    let sent = 0;
    const worker = async (): Promise<void> => {
      while (sent < count) {
        const selector = sent % 10 === 0;
        const good = selector ? queries.selector() : queries.query();
        const text = sent++ % 2 === 0 ? good : mutated(random, good, options);
        // oxlint-disable-next-line no-await-in-loop -- a worker sends one text at a time
        if (text.isWellFormed()) await (selector ? this.#selector(text) : this.#expression(text));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    return { failures: this.#failures.slice(0, REPORTED), known: this.#known };
  }

  async #expression(query: string): Promise<void> {
    const [ours, theirs] = await this.#postToBoth("format_query", { query });
    const contents = [ours.status === "success" ? "read" : "refused"];
    if (!this.#compare(query, resultOf(ours), resultOf(theirs), contents) || ours.status !== "success") return;
    const [mine, other] = await this.#postToBoth("parse_query", { query });
    this.#compare(query, treeOf(mine), treeOf(other));
  }

  async #selector(text: string): Promise<void> {
    const [ours, theirs] = await this.#postToBoth("series", { "match[]": text });
    this.#compare(text, resultOf(ours), resultOf(theirs));
  }

  /** Compares how the two servers parse one text, and records a difference. Returns true if the results are equal. */
  #compare(query: string, ours: string, theirs: string, contents: readonly string[] = []): boolean {
    const unexplained = this.#known.compare(ours === theirs ? [] : [{ query, ours, theirs }], contents);
    if (unexplained.length > 0) this.#failures.push(`${JSON.stringify(query)}\n  ours:   ${ours}\n  theirs: ${theirs}`);
    return ours === theirs;
  }

  #postToBoth(path: string, fields: Readonly<Record<string, string>>): Promise<readonly [Answer, Answer]> {
    const post = async (base: string): Promise<Answer> => {
      const response = await fetch(`${base}/api/v1/${path}`, { method: "POST", body: new URLSearchParams(fields) });
      return (await response.json()) as Answer;
    };
    return Promise.all([post(this.#ours), post(this.#theirs)]);
  }
}

const resultOf = ({ data, error }: Answer): string =>
  error?.replace(/^invalid parameter "[^"]+": /, "") ?? (typeof data === "string" ? data : JSON.stringify(data));

const treeOf = ({ data, error }: Answer): string =>
  error ?? JSON.stringify(data, (key, value: unknown) => (LATER_FIELDS.has(key) ? undefined : value));
