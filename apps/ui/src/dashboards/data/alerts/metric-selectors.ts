import type { Matcher, MatchOperator } from "../../../alertmanager/matcher-filter.ts";

/** A series selector in an expression: metric name and label matchers. */
export interface MetricSelector {
  /** Metric name. Undefined if the name is only given by matchers. */
  readonly metric: string | undefined;
  /** Label matchers. If the expression selects the metric by a matcher for `__name__`, this matcher is included. */
  readonly matchers: readonly Matcher[];
}

/** Maximum length of an expression. Selectors of longer expressions are not read. */
const MAX_LENGTH = 100_000;

/**
 * PromQL keywords, which are not metric names. A word before a parenthesis is either a function or one of these
 * keywords.
 */
const KEYWORDS: ReadonlySet<string> = new Set(
  "and or unless by without on ignoring group_left group_right bool offset atan2 inf nan start end".split(" "),
);
/** Keywords that are followed by label names in parentheses. */
const BEFORE_LABELS: ReadonlySet<string> = new Set("by without on ignoring group_left group_right".split(" "));
const AGGREGATIONS: ReadonlySet<string> = new Set(
  "sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio".split(" "),
);

const SPACE = /(?:\s|#[^\n]*(?:\n|$))*/y;
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
/**
 * Matches numbers, durations, and dashboard variables without a value. An unclosed brace matches the rest of the text,
 * so that the scanner reads each character only once.
 */
const OTHER_WORD = /\$\{[^}]*\}?|\$\w*|\d[\w.]*/y;
const OPERATOR = /=~|!~|!=|=/y;

/**
 * Finds the selectors in a PromQL expression in one pass. Unknown syntax is skipped, so that incomplete expressions and
 * newer syntax also work.
 */
export function metricSelectors(expression: string): readonly MetricSelector[] {
  return expression.length > MAX_LENGTH ? [] : new Reader(expression).selectors();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  selectors(): readonly MetricSelector[] {
    const found: MetricSelector[] = [];
    for (this.#space(); this.#at < this.#text.length; this.#space()) {
      const char = this.#text[this.#at]!;
      if (char === "{") found.push(this.#braces(undefined));
      else if (char === "[") this.#skipPast("]");
      else if (isQuote(char)) this.#string();
      else if (this.#take(OTHER_WORD) === undefined) {
        const name = this.#take(NAME);
        if (name === undefined) this.#at++;
        else this.#afterName(name, found);
      }
    }
    return found;
  }

  #afterName(name: string, found: MetricSelector[]): void {
    this.#space();
    const next = this.#text[this.#at];
    const word = name.toLowerCase();
    if (next === "{") found.push(this.#braces(name));
    else if (next === "(") {
      if (BEFORE_LABELS.has(word)) this.#skipPast(")");
    } else if (!KEYWORDS.has(word) && !(AGGREGATIONS.has(word) && this.#isBeforeLabels()))
      found.push({ metric: name, matchers: [] });
  }

  #isBeforeLabels(): boolean {
    NAME.lastIndex = this.#at;
    return BEFORE_LABELS.has(NAME.exec(this.#text)?.[0].toLowerCase() ?? "");
  }

  #braces(given: string | undefined): MetricSelector {
    let metric = given;
    const matchers: Matcher[] = [];
    this.#at++;
    for (this.#space(); this.#at < this.#text.length; this.#space()) {
      const char = this.#text[this.#at]!;
      if (char === "}") {
        this.#at++;
        break;
      }
      const isQuoted = isQuote(char);
      const name = isQuoted ? this.#string() : this.#take(NAME);
      if (name === undefined) {
        this.#at++;
        continue;
      }
      this.#space();
      const operator = this.#take(OPERATOR) as MatchOperator | undefined;
      if (operator === undefined) {
        if (isQuoted && name !== "") metric ??= name;
        continue;
      }
      this.#space();
      const value = isQuote(this.#text[this.#at] ?? "") ? this.#string() : undefined;
      if (value === undefined) continue;
      if (name === "__name__" && operator === "=" && value !== "") metric ??= value;
      else matchers.push({ name, operator, value });
    }
    return { metric, matchers };
  }

  /** Reads a PromQL string in double quotes, single quotes or backquotes, and resolves its escapes. */
  #string(): string {
    const quote = this.#text[this.#at]!;
    const begin = ++this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== quote)
      this.#at += this.#text[this.#at] === "\\" && quote !== "`" ? 2 : 1;
    const written = this.#text.slice(begin, this.#at++);
    return quote === "`" ? written : written.replaceAll(/\\(.)/g, (_, escaped: string) => ESCAPED[escaped] ?? escaped);
  }

  #skipPast(end: string): void {
    const found = this.#text.indexOf(end, this.#at);
    this.#at = found === -1 ? this.#text.length : found + 1;
  }

  #space(): void {
    this.#take(SPACE);
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const taken = token.exec(this.#text)?.[0];
    if (taken !== undefined) this.#at += taken.length;
    return taken;
  }
}

const ESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

const isQuote = (char: string): boolean => char === '"' || char === "'" || char === "`";
