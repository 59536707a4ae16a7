import type { Random } from "../../../support/random.ts";
import { QuerySelectors } from "./query-selectors.ts";
import { matrix, printQuery, type QueryNode, scalar, text, vector } from "./query-tree.ts";

type Make = (depth: number) => QueryNode;
type Weighted = readonly (readonly [weight: number, make: Make])[];

const MATH =
  "abs ceil floor exp sqrt ln log2 log10 sgn deg rad sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split(
    " ",
  );
const CALENDAR = "days_in_month day_of_month day_of_week day_of_year hour minute month year".split(" ");
const COUNTER_RANGES = "rate increase irate resets".split(" ");
const RANGES = `delta idelta deriv changes resets avg_over_time count_over_time last_over_time max_over_time
min_over_time present_over_time stddev_over_time stdvar_over_time sum_over_time mad_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time rate increase irate`.split(
  /\s+/,
);
const AGGREGATORS = "sum avg count min max group stddev stdvar".split(" ");
const ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"];
const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="];
const SETS = ["and", "or", "unless"];
const HISTOGRAM_STATS = "histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar".split(" ");
const QUANTILES = ["0.5", "0.9", "0", "1", "0.99", "0.01", "-1", "2", "NaN"];

/**
 * Generates random queries that use the whole language of Prometheus 3.5. The queries are type-correct, except for
 * occasional mistakes.
 */
export class QueryGrammar {
  readonly #random: Random;
  readonly #selectors: QuerySelectors;
  readonly #vectors: Weighted;

  constructor(random: Random) {
    this.#random = random;
    this.#selectors = new QuerySelectors(random);
    this.#vectors = [
      [10, () => this.#selectors.any()],
      [22, (depth) => this.#rangeCall(depth)],
      [18, (depth) => this.#aggregation(depth)],
      [8, (depth) => this.#scalarBinary(depth)],
      [14, (depth) => this.#vectorBinary(depth)],
      [5, (depth) => this.#setOperation(depth)],
      [5, (depth) => this.#mathCall(depth)],
      [10, (depth) => this.#histogramCall(depth)],
      [6, (depth) => this.#labelCall(depth)],
      [5, (depth) => this.#sortCall(depth)],
      [2, (depth) => this.#calendarCall(depth)],
      [2, (depth) => vector`timestamp(${this.vector(depth - 1)})`],
      [3, (depth) => this.#absentCall(depth)],
      [2, (depth) => vector`vector(${this.scalar(depth - 1)})`],
      [2, () => this.#infoCall()],
      [2, (depth) => vector`-${this.#operand(depth)}`],
      [1, (depth) => vector`+${this.#operand(depth)}`],
      [2, (depth) => vector`(${this.vector(depth - 1)})`],
    ];
  }

  /** Generates a random query of a type that the instant and range query API accept. */
  query(): QueryNode {
    const random = this.#random;
    const depth = random.weighted([
      [3, 1],
      [5, 2],
      [4, 3],
      [1, 4],
    ]);
    const query = random.chance(5) ? this.scalar(depth) : this.vector(depth);
    return random.chance(3) ? this.#mistaken(query) : query;
  }

  vector(depth: number): QueryNode {
    return depth <= 0 ? this.#selectors.any() : this.#random.weighted(this.#vectors)(depth);
  }

  scalar(depth: number): QueryNode {
    const random = this.#random;
    if (depth <= 0) return this.#selectors.number();
    return random.weighted<() => QueryNode>([
      [6, () => this.#selectors.number()],
      [2, () => scalar`time()`],
      [1, () => scalar`pi()`],
      [3, () => scalar`scalar(${this.vector(depth - 1)})`],
      [2, () => scalar`${this.scalar(depth - 1)} ${random.pick(ARITHMETIC)} ${this.scalar(depth - 1)}`],
      [1, () => scalar`${this.scalar(depth - 1)} ${random.pick(COMPARISONS)} bool ${this.scalar(depth - 1)}`],
      [1, () => scalar`-${this.scalar(depth - 1)}`],
      [1, () => scalar`(${this.scalar(depth - 1)})`],
    ])();
  }

  /** Generates a random vector expression in a form that is valid next to a binary operator. */
  #operand(depth: number): QueryNode {
    const inner = this.vector(depth - 1);
    return this.#random.chance(80) ? vector`(${inner})` : inner;
  }

  #range(depth: number, counter: boolean): QueryNode {
    if (depth > 1 && this.#random.chance(30)) return this.#subquery(depth);
    return counter ? this.#selectors.counterRange() : this.#selectors.anyRange();
  }

  #subquery(depth: number): QueryNode {
    const random = this.#random;
    const inner = vector`(${this.vector(Math.min(depth - 1, 2))})`;
    const range = random.pick(["5m", "10m", "2m", "7m30s", "1m", "300"]);
    const step = random.pick(["", "30s", "1m", "37s", "2m", "15s"]);
    return matrix`${inner}[${range}:${step}]${this.#selectors.modifiers()}`;
  }

  #rangeCall(depth: number): QueryNode {
    const random = this.#random;
    if (random.chance(35)) return vector`${random.pick(COUNTER_RANGES)}(${this.#range(depth, true)})`;
    return random.weighted<() => QueryNode>([
      [20, () => vector`${random.pick(RANGES)}(${this.#range(depth, false)})`],
      [2, () => vector`quantile_over_time(${this.#quantile(depth)}, ${this.#range(depth, false)})`],
      [2, () => vector`predict_linear(${this.#range(depth, false)}, ${this.scalar(depth - 2)})`],
      [1, () => vector`double_exponential_smoothing(${this.#range(depth, false)}, 0.${String(random.below(10))}, 0.3)`],
    ])();
  }

  #quantile(depth: number): QueryNode {
    return this.#random.chance(85) ? scalar`${this.#random.pick(QUANTILES)}` : this.scalar(depth - 1);
  }

  #grouping(): string {
    const random = this.#random;
    const labels = random.chance(5) ? "" : this.#selectors.labels();
    return random.weighted([
      [5, ` by (${labels})`],
      [3, ` without (${labels})`],
      [3, ""],
    ]);
  }

  /** Generates a random aggregation, with its grouping before or after the arguments. */
  #aggregate(name: string, body: QueryNode): QueryNode {
    const grouping = this.#grouping();
    return this.#random.chance(50) ? vector`${name}${grouping} ${body}` : vector`${name}${body}${grouping}`;
  }

  #aggregation(depth: number): QueryNode {
    const random = this.#random;
    const inner = this.vector(depth - 1);
    const count = random.chance(90)
      ? scalar`${random.pick(["1", "2", "3", "0", "-1", "2.7", "100"])}`
      : this.scalar(depth - 1);
    return random.weighted<() => QueryNode>([
      [16, () => this.#aggregate(random.pick(AGGREGATORS), vector`(${inner})`)],
      [2, () => this.#aggregate("quantile", vector`(${this.#quantile(depth)}, ${inner})`)],
      [4, () => this.#aggregate(random.pick(["topk", "bottomk"]), vector`(${count}, ${inner})`)],
      [1, () => this.#aggregate("limitk", vector`(${count}, ${inner})`)],
      [
        1,
        () =>
          this.#aggregate("limit_ratio", vector`(${random.pick(["0.5", "-0.5", "0", "1", "1.5", "0.1"])}, ${inner})`),
      ],
      [
        2,
        () => this.#aggregate("count_values", vector`(${random.pick(['"value"', '"instance"', '"job"'])}, ${inner})`),
      ],
    ])();
  }

  #scalarBinary(depth: number): QueryNode {
    const random = this.#random;
    const comparison = random.chance(40);
    const operator = comparison
      ? `${random.pick(COMPARISONS)}${random.chance(40) ? " bool" : ""}`
      : random.pick(ARITHMETIC);
    const [side, other] = [this.#operand(depth), this.scalar(depth - 1)];
    return random.chance(65) ? vector`${side} ${operator} ${other}` : vector`${other} ${operator} ${side}`;
  }

  #vectorBinary(depth: number): QueryNode {
    const random = this.#random;
    const operator = random.chance(65)
      ? random.pick(ARITHMETIC)
      : `${random.pick(COMPARISONS)}${random.chance(50) ? " bool" : ""}`;
    return random.weighted<() => QueryNode>([
      // Both sides of the operator use the same series, so that every series has a match.
      [
        5,
        () => {
          const side = this.vector(depth - 1);
          return vector`(${side}) ${operator} (${random.chance(50) ? side : vector`${side} * 0.5`})`;
        },
      ],
      [
        5,
        () => {
          const labels = this.#selectors.labels();
          const [left, right] = [this.vector(depth - 1), this.vector(depth - 1)];
          const [a, b] = [random.pick(AGGREGATORS), random.pick(AGGREGATORS)];
          return vector`${a} by (${labels}) (${left}) ${operator} ${b} by (${labels}) (${right})`;
        },
      ],
      [5, () => this.#grouped(depth, operator)],
      [2, () => vector`${this.#operand(depth)} ${operator} ${this.#matching()} ${this.#operand(depth)}`],
      [2, () => this.#nativeBinary(operator)],
      [1, () => vector`${this.#operand(depth)} ${operator} ${this.#operand(depth)}`],
    ])();
  }

  /**
   * Generates a random binary operation with a native histogram on at least one side. Most operators do not support
   * histograms, and add an annotation.
   */
  #nativeBinary(operator: string): QueryNode {
    const random = this.#random;
    const [native, other] = [this.#selectors.native(), this.#selectors.native()];
    const sides = random.weighted<readonly [QueryNode, QueryNode]>([
      [3, [native, other]],
      [3, [native, native]],
      [2, [native, vector`increase(${native}[10m])`]],
      [2, [vector`avg by (instance) (${native})`, vector`sum by (instance) (${other})`]],
      [2, [native, this.#selectors.any()]],
      [1, [this.#selectors.any(), native]],
    ]);
    const name = random.chance(30) ? random.pick(["==", "!=", "== bool", "!= bool"]) : operator;
    const matching = random.weighted([
      [4, ""],
      [2, "on (instance) "],
      [2, `on (instance) group_left (${random.chance(50) ? "of" : ""}) `],
      [2, `on (instance) group_right (${random.chance(50) ? "of" : ""}) `],
      [1, "ignoring (of) "],
    ]);
    return vector`${sides[0]} ${name} ${matching}${sides[1]}`;
  }

  #matching(): string {
    const random = this.#random;
    return `${random.pick(["on", "ignoring"])} (${random.chance(10) ? "" : this.#selectors.labels()})`;
  }

  /** Generates a random many-to-one operation between a selector and an aggregate of the same or another selector. */
  #grouped(depth: number, operator: string): QueryNode {
    const random = this.#random;
    const label = this.#selectors.label();
    const many = this.vector(depth - 1);
    const one = vector`${random.pick(AGGREGATORS)} by (${label}${random.chance(40) ? `, ${this.#selectors.label()}` : ""}) (${
      random.chance(40) ? many : this.vector(depth - 1)
    })`;
    const taken = random.chance(40) ? this.#selectors.label() : "";
    const info = vector`${random.pick(["build_info", "target_info", "limit"])}`;
    const right = random.chance(25) ? info : one;
    if (random.chance(55)) return vector`(${many}) ${operator} on (${label}) group_left (${taken}) ${right}`;
    return vector`${right} ${operator} on (${label}) group_right (${taken}) (${many})`;
  }

  #setOperation(depth: number): QueryNode {
    const random = this.#random;
    if (random.chance(15)) {
      // Combines series that have a metric name with series that have lost it.
      const side = this.vector(depth - 1);
      return vector`(${side}) ${random.pick(SETS)} abs(${random.chance(50) ? side : this.vector(depth - 1)})`;
    }
    const matching = random.chance(50) ? `${this.#matching()} ` : "";
    return vector`${this.#operand(depth)} ${random.pick(SETS)} ${matching}${this.#operand(depth)}`;
  }

  #mathCall(depth: number): QueryNode {
    const random = this.#random;
    const inner = this.vector(depth - 1);
    const limit = (): QueryNode => this.scalar(depth - 1);
    return random.weighted<() => QueryNode>([
      [6, () => vector`${random.pick(MATH)}(${inner})`],
      [1, () => vector`round(${inner})`],
      [2, () => vector`round(${inner}, ${limit()})`],
      [1, () => vector`clamp(${inner}, ${limit()}, ${limit()})`],
      [1, () => vector`${random.pick(["clamp_min", "clamp_max"])}(${inner}, ${limit()})`],
    ])();
  }

  #histogramCall(depth: number): QueryNode {
    const random = this.#random;
    const native = this.#selectors.native();
    const grown = vector`rate(${native}[${random.pick(["5m", "10m", "2m"])}])`;
    const inner = random.weighted([
      [4, native],
      [3, grown],
      [2, vector`sum by (instance) (${grown})`],
      [2, vector`sum (${native})`],
      [
        1,
        vector`${random.pick(["avg_over_time", "sum_over_time", "last_over_time", "delta", "idelta"])}(${native}[5m])`,
      ],
      [2, vector`${native} ${random.pick(["+", "-", "*", "/"])} ${random.chance(50) ? native : this.scalar(0)}`],
      [1, this.vector(depth - 1)],
    ]);
    const classic = this.#selectors.buckets();
    const buckets = random.chance(50) ? classic : vector`sum by (le) (rate(${classic}[5m]))`;
    const either = random.chance(40) ? buckets : inner;
    return random.weighted<() => QueryNode>([
      [5, () => inner],
      [4, () => vector`${random.pick(HISTOGRAM_STATS)}(${inner})`],
      [5, () => vector`histogram_quantile(${this.#quantile(depth)}, ${either})`],
      [3, () => vector`histogram_fraction(${this.scalar(0)}, ${this.scalar(0)}, ${either})`],
    ])();
  }

  #labelCall(depth: number): QueryNode {
    const random = this.#random;
    const inner = this.vector(depth - 1);
    const target = random.pick(["fresh", "instance", "job", "code", "__name__"]);
    const source = random.pick(["instance", "job", "code", "__name__", "nope", "room"]);
    const replacement = random.pick(["$1", "x-$1-y", "${1}_$2", "", "$$", "$name", "ü"]);
    const pattern = random.pick(["(.*):(.*)", "(.*)", ".+", "[a-b].*", "(?P<name>.).*", "", "cellar (\\\\d+)"]);
    if (random.chance(60))
      return vector`label_replace(${inner}, ${text`"${target}"`}, ${text`"${replacement}"`}, ${text`"${source}"`}, ${text`"${pattern}"`})`;
    const sources = random.some(["instance", "job", "code", "nope"]).map((label) => `, "${label}"`);
    return vector`label_join(${inner}, "${target}", "${random.pick(["-", "", "日"])}"${sources.join("")})`;
  }

  #sortCall(depth: number): QueryNode {
    const random = this.#random;
    const inner = this.vector(depth - 1);
    if (random.chance(60)) return vector`${random.pick(["sort", "sort_desc"])}(${inner})`;
    const labels = random.some(["instance", "code", "room", "le"]).map((label) => `, "${label}"`);
    return vector`${random.pick(["sort_by_label", "sort_by_label_desc"])}(${inner}${labels.join("")})`;
  }

  #calendarCall(depth: number): QueryNode {
    const random = this.#random;
    const name = random.pick(CALENDAR);
    if (random.chance(20)) return vector`${name}()`;
    return random.chance(60) ? vector`${name}(moment)` : vector`${name}(${this.vector(depth - 1)})`;
  }

  #absentCall(depth: number): QueryNode {
    const random = this.#random;
    const inner = random.chance(50) ? this.#selectors.missing() : this.vector(depth - 1);
    if (random.chance(60)) return vector`absent(${inner})`;
    return random.chance(60)
      ? vector`absent_over_time(${this.#selectors.missing()}[${random.pick(["1m", "5m"])}])`
      : vector`absent_over_time(${this.#range(depth, false)})`;
  }

  #infoCall(): QueryNode {
    const random = this.#random;
    const base = random.chance(60) ? this.#selectors.any() : vector`rate(${this.#selectors.counterRange()})`;
    const chosen = random.pick([
      "",
      ', {version=~".+"}',
      ', {__name__="build_info"}',
      ', {env="prod"}',
      ', {nope="x"}',
    ]);
    return vector`info(${base}${chosen})`;
  }

  /** Adds one mistake to a query: a wrong type, argument, label or expression, or a missing character. */
  #mistaken(query: QueryNode): QueryNode {
    const random = this.#random;
    const whole = printQuery(query);
    const cut = random.below(whole.length);
    return random.weighted<() => QueryNode>([
      [2, () => vector`rate(${query})`],
      [1, () => vector`sum(${query}, ${query})`],
      [1, () => vector`abs()`],
      [1, () => vector`${query} and 1`],
      [1, () => vector`(${query})[5m]`],
      [1, () => vector`label_replace(${query}, "a", "$1", "b", "(")`],
      [1, () => vector`label_replace(${query}, "", "$1", "b", "(.*)")`],
      [1, () => vector`limit{instance=~"["}`],
      [1, () => vector`label_replace({__name__=~"limit|queue"}, "job", "x", "", "")`],
      [1, () => vector`count_values("", ${query})`],
      [1, () => vector`topk(NaN, ${query})`],
      [1, () => vector`${query} == 1 == bool 2`],
      [1, () => vector`unknown(${query})`],
      [3, () => vector`${whole.slice(0, cut)}${whole.slice(cut + 1)}`],
    ])();
  }
}
