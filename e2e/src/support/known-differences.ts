export interface KnownDifference<D> {
  /** Reason why the difference is accepted. A number refers to a pull request of the compared program. */
  readonly reason: string;
  /**
   * Version that introduced the new behaviour if the compared program is older. The rule is then confirmed only by that
   * version's documentation and release notes.
   */
  readonly since?: string;
  /**
   * Maximum share of comparisons in which the rule may apply. It should be about twice the share that many seeds show.
   */
  readonly share: number;
  readonly applies: (difference: D) => boolean;
  /**
   * Returns the texts of both programs in a comparable form. The rule explains the difference only if the two texts are
   * equal.
   */
  readonly normalise?: (difference: D) => readonly [ours: string, theirs: string];
}

/** Number of standard deviations by which a count may deviate from the expected count. */
const DEVIATIONS = 4;
/** Number of differences that a rule may explain in any run, even if the expected number is smaller. */
const ALWAYS_ALLOWED = 3;

/**
 * Returns the highest plausible number of differences for a share of comparisons. Allows {@link ALWAYS_ALLOWED} more,
 * but at most the number of comparisons.
 */
export const highestCount = (share: number, comparisons: number): number =>
  Math.min(comparisons, ALWAYS_ALLOWED + share * comparisons + DEVIATIONS * Math.sqrt(share * comparisons));

/** Returns the lowest count that is plausible for a share of a number of comparisons: at least 1. */
export const lowestCount = (share: number, comparisons: number): number =>
  Math.max(1, Math.ceil(share * comparisons - DEVIATIONS * Math.sqrt(share * comparisons)));

export const explanationOf = <D, R extends KnownDifference<D>>(rules: readonly R[], difference: D): R | undefined =>
  rules.find((rule) => {
    if (!rule.applies(difference)) return false;
    const [ours, theirs] = rule.normalise?.(difference) ?? ["", ""];
    return ours === theirs;
  });

/**
 * Counts the comparisons of a test suite and the rules that explain its differences. {@link end} prints the counts, and
 * throws if a rule explained too many differences or if too few comparisons had content.
 * @typeParam D a difference that rules examine
 */
export class KnownDifferences<D, R extends KnownDifference<D> = KnownDifference<D>> {
  readonly #suite: string;
  readonly #rules: readonly R[];
  readonly #contents: Readonly<Record<string, number>>;
  readonly #counts = new Map<R, number>();
  readonly #seen = new Map<string, number>();
  #comparisons = 0;

  /** @param contents minimum share of comparisons that must have each kind of content, by the kind's name */
  constructor(suite: string, rules: readonly R[], contents: Readonly<Record<string, number>> = {}) {
    this.#suite = suite;
    this.#rules = rules;
    this.#contents = contents;
  }

  /** Counts one comparison. Returns the differences that are not explained by a rule. */
  compare(differences: readonly D[], contents: Iterable<string> = []): D[] {
    const found = differences.map((difference) => ({ difference, rule: this.explain(difference) }));
    this.count(
      found.flatMap(({ rule }) => (rule === undefined ? [] : [rule])),
      contents,
    );
    return found.flatMap(({ difference, rule }) => (rule === undefined ? [difference] : []));
  }

  /** Returns the rule that explains a difference, without counting. */
  explain(difference: D): R | undefined {
    return explanationOf(this.#rules, difference);
  }

  /** Counts one comparison. Also counts each rule that explained a difference in it, and each kind of its contents. */
  count(rules: Iterable<R>, contents: Iterable<string> = []): void {
    this.#comparisons++;
    for (const rule of new Set(rules)) this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    for (const kind of new Set(contents)) this.#seen.set(kind, (this.#seen.get(kind) ?? 0) + 1);
  }

  /** Returns the counts as text: each kind of content, and the rules, sorted by their counts. */
  get summary(): string {
    const contents = [...this.#seen].map(([kind, count]) => `${count} ${kind}`);
    const rules = [...this.#counts].toSorted(([, a], [, b]) => b - a);
    const lines = rules.map(([rule, count]) => {
      const allowed = Math.floor(highestCount(rule.share, this.#comparisons));
      const basis = rule.since === undefined ? "" : `, not confirmed by a binary of ${rule.since}`;
      return `\n  ${count} (at most ${allowed}${basis}) × ${rule.reason}`;
    });
    const what = contents.length === 0 ? "" : ` (${contents.join(", ")})`;
    return `${this.#suite}: ${this.#comparisons} comparisons${what}; known differences:${lines.join("") || " none"}`;
  }

  /**
   * Returns a sentence for each rule that explained too many differences, and for each kind of content that occurred
   * too rarely.
   */
  get problems(): string[] {
    const frequent = [...this.#counts].flatMap(([{ reason, share }, count]) =>
      count > highestCount(share, this.#comparisons)
        ? [`the rule "${reason}" explains ${count} of ${this.#comparisons}, more than a share of ${share}`]
        : [],
    );
    const rare = Object.entries(this.#contents).flatMap(([kind, share]) => {
      const count = this.#seen.get(kind) ?? 0;
      const least = lowestCount(share, this.#comparisons);
      return count < least ? [`${count} of ${this.#comparisons} are ${kind}, fewer than ${least}`] : [];
    });
    return [...frequent, ...rare];
  }

  /**
   * Prints the counts. Throws an error with the failures and with all problems.
   * @param failures differences that are not explained by a rule, as text
   */
  end(failures: readonly string[] = []): void {
    process.stdout.write(`${this.summary}\n`);
    const all = [...failures, ...this.problems];
    if (all.length > 0) throw new Error(`${this.#suite}: ${all.join("\n\n")}`);
  }
}
