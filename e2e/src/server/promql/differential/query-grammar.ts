import type { Dice } from "../../../support/dice.ts";
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
 * Generates queries that use the whole language of Prometheus 3.5. Their types are correct, except for occasional
 * mistakes.
 */
export class QueryGrammar {
  readonly #dice: Dice;
  readonly #selectors: QuerySelectors;
  readonly #vectors: Weighted;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#selectors = new QuerySelectors(dice);
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

  /** Draws a query of a type that the instant and the range API accept. */
  query(): QueryNode {
    const dice = this.#dice;
    const depth = dice.weighted([
      [3, 1],
      [5, 2],
      [4, 3],
      [1, 4],
    ]);
    const query = dice.chance(5) ? this.scalar(depth) : this.vector(depth);
    return dice.chance(3) ? this.#mistaken(query) : query;
  }

  vector(depth: number): QueryNode {
    return depth <= 0 ? this.#selectors.any() : this.#dice.weighted(this.#vectors)(depth);
  }

  scalar(depth: number): QueryNode {
    const dice = this.#dice;
    if (depth <= 0) return this.#selectors.number();
    return dice.weighted<() => QueryNode>([
      [6, () => this.#selectors.number()],
      [2, () => scalar`time()`],
      [1, () => scalar`pi()`],
      [3, () => scalar`scalar(${this.vector(depth - 1)})`],
      [2, () => scalar`${this.scalar(depth - 1)} ${dice.pick(ARITHMETIC)} ${this.scalar(depth - 1)}`],
      [1, () => scalar`${this.scalar(depth - 1)} ${dice.pick(COMPARISONS)} bool ${this.scalar(depth - 1)}`],
      [1, () => scalar`-${this.scalar(depth - 1)}`],
      [1, () => scalar`(${this.scalar(depth - 1)})`],
    ])();
  }

  /** Draws a vector in a form that is valid next to an operator. */
  #operand(depth: number): QueryNode {
    const inner = this.vector(depth - 1);
    return this.#dice.chance(80) ? vector`(${inner})` : inner;
  }

  #range(depth: number, counter: boolean): QueryNode {
    if (depth > 1 && this.#dice.chance(30)) return this.#subquery(depth);
    return counter ? this.#selectors.counterRange() : this.#selectors.anyRange();
  }

  #subquery(depth: number): QueryNode {
    const dice = this.#dice;
    const inner = vector`(${this.vector(Math.min(depth - 1, 2))})`;
    const range = dice.pick(["5m", "10m", "2m", "7m30s", "1m", "300"]);
    const step = dice.pick(["", "30s", "1m", "37s", "2m", "15s"]);
    return matrix`${inner}[${range}:${step}]${this.#selectors.modifiers()}`;
  }

  #rangeCall(depth: number): QueryNode {
    const dice = this.#dice;
    if (dice.chance(35)) return vector`${dice.pick(COUNTER_RANGES)}(${this.#range(depth, true)})`;
    return dice.weighted<() => QueryNode>([
      [20, () => vector`${dice.pick(RANGES)}(${this.#range(depth, false)})`],
      [2, () => vector`quantile_over_time(${this.#quantile(depth)}, ${this.#range(depth, false)})`],
      [2, () => vector`predict_linear(${this.#range(depth, false)}, ${this.scalar(depth - 2)})`],
      [1, () => vector`double_exponential_smoothing(${this.#range(depth, false)}, 0.${String(dice.roll(10))}, 0.3)`],
    ])();
  }

  #quantile(depth: number): QueryNode {
    return this.#dice.chance(85) ? scalar`${this.#dice.pick(QUANTILES)}` : this.scalar(depth - 1);
  }

  #grouping(): string {
    const dice = this.#dice;
    const labels = dice.chance(5) ? "" : this.#selectors.labels();
    return dice.weighted([
      [5, ` by (${labels})`],
      [3, ` without (${labels})`],
      [3, ""],
    ]);
  }

  /** Draws an aggregation, with its grouping before or after the arguments. */
  #aggregate(name: string, body: QueryNode): QueryNode {
    const grouping = this.#grouping();
    return this.#dice.chance(50) ? vector`${name}${grouping} ${body}` : vector`${name}${body}${grouping}`;
  }

  #aggregation(depth: number): QueryNode {
    const dice = this.#dice;
    const inner = this.vector(depth - 1);
    const count = dice.chance(90)
      ? scalar`${dice.pick(["1", "2", "3", "0", "-1", "2.7", "100"])}`
      : this.scalar(depth - 1);
    return dice.weighted<() => QueryNode>([
      [16, () => this.#aggregate(dice.pick(AGGREGATORS), vector`(${inner})`)],
      [2, () => this.#aggregate("quantile", vector`(${this.#quantile(depth)}, ${inner})`)],
      [4, () => this.#aggregate(dice.pick(["topk", "bottomk"]), vector`(${count}, ${inner})`)],
      [1, () => this.#aggregate("limitk", vector`(${count}, ${inner})`)],
      [
        1,
        () => this.#aggregate("limit_ratio", vector`(${dice.pick(["0.5", "-0.5", "0", "1", "1.5", "0.1"])}, ${inner})`),
      ],
      [2, () => this.#aggregate("count_values", vector`(${dice.pick(['"value"', '"instance"', '"job"'])}, ${inner})`)],
    ])();
  }

  #scalarBinary(depth: number): QueryNode {
    const dice = this.#dice;
    const comparison = dice.chance(40);
    const operator = comparison ? `${dice.pick(COMPARISONS)}${dice.chance(40) ? " bool" : ""}` : dice.pick(ARITHMETIC);
    const [side, other] = [this.#operand(depth), this.scalar(depth - 1)];
    return dice.chance(65) ? vector`${side} ${operator} ${other}` : vector`${other} ${operator} ${side}`;
  }

  #vectorBinary(depth: number): QueryNode {
    const dice = this.#dice;
    const operator = dice.chance(65)
      ? dice.pick(ARITHMETIC)
      : `${dice.pick(COMPARISONS)}${dice.chance(50) ? " bool" : ""}`;
    return dice.weighted<() => QueryNode>([
      // Both sides have the same series, so that all series match.
      [
        5,
        () => {
          const side = this.vector(depth - 1);
          return vector`(${side}) ${operator} (${dice.chance(50) ? side : vector`${side} * 0.5`})`;
        },
      ],
      [
        5,
        () => {
          const labels = this.#selectors.labels();
          const [left, right] = [this.vector(depth - 1), this.vector(depth - 1)];
          const [a, b] = [dice.pick(AGGREGATORS), dice.pick(AGGREGATORS)];
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
   * Draws an operation with a histogram on at least one side. Most operators do not support histograms, and add an
   * annotation.
   */
  #nativeBinary(operator: string): QueryNode {
    const dice = this.#dice;
    const [native, other] = [this.#selectors.native(), this.#selectors.native()];
    const sides = dice.weighted<readonly [QueryNode, QueryNode]>([
      [3, [native, other]],
      [3, [native, native]],
      [2, [native, vector`increase(${native}[10m])`]],
      [2, [vector`avg by (instance) (${native})`, vector`sum by (instance) (${other})`]],
      [2, [native, this.#selectors.any()]],
      [1, [this.#selectors.any(), native]],
    ]);
    const name = dice.chance(30) ? dice.pick(["==", "!=", "== bool", "!= bool"]) : operator;
    const matching = dice.weighted([
      [4, ""],
      [2, "on (instance) "],
      [2, `on (instance) group_left (${dice.chance(50) ? "of" : ""}) `],
      [2, `on (instance) group_right (${dice.chance(50) ? "of" : ""}) `],
      [1, "ignoring (of) "],
    ]);
    return vector`${sides[0]} ${name} ${matching}${sides[1]}`;
  }

  #matching(): string {
    const dice = this.#dice;
    return `${dice.pick(["on", "ignoring"])} (${dice.chance(10) ? "" : this.#selectors.labels()})`;
  }

  /** Draws a many-to-one operation between a selector and an aggregate of the same or another selector. */
  #grouped(depth: number, operator: string): QueryNode {
    const dice = this.#dice;
    const label = this.#selectors.label();
    const many = this.vector(depth - 1);
    const one = vector`${dice.pick(AGGREGATORS)} by (${label}${dice.chance(40) ? `, ${this.#selectors.label()}` : ""}) (${
      dice.chance(40) ? many : this.vector(depth - 1)
    })`;
    const taken = dice.chance(40) ? this.#selectors.label() : "";
    const info = vector`${dice.pick(["build_info", "target_info", "limit"])}`;
    const right = dice.chance(25) ? info : one;
    if (dice.chance(55)) return vector`(${many}) ${operator} on (${label}) group_left (${taken}) ${right}`;
    return vector`${right} ${operator} on (${label}) group_right (${taken}) (${many})`;
  }

  #setOperation(depth: number): QueryNode {
    const dice = this.#dice;
    if (dice.chance(15)) {
      // Some series of this vector have a metric name, others have lost it.
      const side = this.vector(depth - 1);
      return vector`(${side}) ${dice.pick(SETS)} abs(${dice.chance(50) ? side : this.vector(depth - 1)})`;
    }
    const matching = dice.chance(50) ? `${this.#matching()} ` : "";
    return vector`${this.#operand(depth)} ${dice.pick(SETS)} ${matching}${this.#operand(depth)}`;
  }

  #mathCall(depth: number): QueryNode {
    const dice = this.#dice;
    const inner = this.vector(depth - 1);
    const limit = (): QueryNode => this.scalar(depth - 1);
    return dice.weighted<() => QueryNode>([
      [6, () => vector`${dice.pick(MATH)}(${inner})`],
      [1, () => vector`round(${inner})`],
      [2, () => vector`round(${inner}, ${limit()})`],
      [1, () => vector`clamp(${inner}, ${limit()}, ${limit()})`],
      [1, () => vector`${dice.pick(["clamp_min", "clamp_max"])}(${inner}, ${limit()})`],
    ])();
  }

  #histogramCall(depth: number): QueryNode {
    const dice = this.#dice;
    const native = this.#selectors.native();
    const grown = vector`rate(${native}[${dice.pick(["5m", "10m", "2m"])}])`;
    const inner = dice.weighted([
      [4, native],
      [3, grown],
      [2, vector`sum by (instance) (${grown})`],
      [2, vector`sum (${native})`],
      [1, vector`${dice.pick(["avg_over_time", "sum_over_time", "last_over_time", "delta", "idelta"])}(${native}[5m])`],
      [2, vector`${native} ${dice.pick(["+", "-", "*", "/"])} ${dice.chance(50) ? native : this.scalar(0)}`],
      [1, this.vector(depth - 1)],
    ]);
    const classic = this.#selectors.buckets();
    const buckets = dice.chance(50) ? classic : vector`sum by (le) (rate(${classic}[5m]))`;
    const either = dice.chance(40) ? buckets : inner;
    return dice.weighted<() => QueryNode>([
      [5, () => inner],
      [4, () => vector`${dice.pick(HISTOGRAM_STATS)}(${inner})`],
      [5, () => vector`histogram_quantile(${this.#quantile(depth)}, ${either})`],
      [3, () => vector`histogram_fraction(${this.scalar(0)}, ${this.scalar(0)}, ${either})`],
    ])();
  }

  #labelCall(depth: number): QueryNode {
    const dice = this.#dice;
    const inner = this.vector(depth - 1);
    const target = dice.pick(["fresh", "instance", "job", "code", "__name__"]);
    const source = dice.pick(["instance", "job", "code", "__name__", "nope", "room"]);
    const replacement = dice.pick(["$1", "x-$1-y", "${1}_$2", "", "$$", "$name", "ü"]);
    const pattern = dice.pick(["(.*):(.*)", "(.*)", ".+", "[a-b].*", "(?P<name>.).*", "", "cellar (\\\\d+)"]);
    if (dice.chance(60))
      return vector`label_replace(${inner}, ${text`"${target}"`}, ${text`"${replacement}"`}, ${text`"${source}"`}, ${text`"${pattern}"`})`;
    const sources = dice.some(["instance", "job", "code", "nope"]).map((label) => `, "${label}"`);
    return vector`label_join(${inner}, "${target}", "${dice.pick(["-", "", "日"])}"${sources.join("")})`;
  }

  #sortCall(depth: number): QueryNode {
    const dice = this.#dice;
    const inner = this.vector(depth - 1);
    if (dice.chance(60)) return vector`${dice.pick(["sort", "sort_desc"])}(${inner})`;
    const labels = dice.some(["instance", "code", "room", "le"]).map((label) => `, "${label}"`);
    return vector`${dice.pick(["sort_by_label", "sort_by_label_desc"])}(${inner}${labels.join("")})`;
  }

  #calendarCall(depth: number): QueryNode {
    const dice = this.#dice;
    const name = dice.pick(CALENDAR);
    if (dice.chance(20)) return vector`${name}()`;
    return dice.chance(60) ? vector`${name}(moment)` : vector`${name}(${this.vector(depth - 1)})`;
  }

  #absentCall(depth: number): QueryNode {
    const dice = this.#dice;
    const inner = dice.chance(50) ? this.#selectors.missing() : this.vector(depth - 1);
    if (dice.chance(60)) return vector`absent(${inner})`;
    return dice.chance(60)
      ? vector`absent_over_time(${this.#selectors.missing()}[${dice.pick(["1m", "5m"])}])`
      : vector`absent_over_time(${this.#range(depth, false)})`;
  }

  #infoCall(): QueryNode {
    const dice = this.#dice;
    const base = dice.chance(60) ? this.#selectors.any() : vector`rate(${this.#selectors.counterRange()})`;
    const chosen = dice.pick(["", ', {version=~".+"}', ', {__name__="build_info"}', ', {env="prod"}', ', {nope="x"}']);
    return vector`info(${base}${chosen})`;
  }

  /** Adds one mistake to a query: in types, arguments, labels or expressions, or by removing a character. */
  #mistaken(query: QueryNode): QueryNode {
    const dice = this.#dice;
    const whole = printQuery(query);
    const cut = dice.roll(whole.length);
    return dice.weighted<() => QueryNode>([
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
