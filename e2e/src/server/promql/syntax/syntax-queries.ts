import type { Random } from "../../../support/random.ts";

const words = (list: string): readonly string[] => list.split(" ");

/** Metric names that look like keywords, and that every version accepts as metric names. */
const NAMES = words(
  "up http_requests_total a:b :x _ Rate on_call or1 sum by offset start limitk without and or unless end topk",
);
/** Metric names that later Prometheus versions treat as keywords. */
const LATER_NAMES = words("step range min_of max_of fill fill_left anchored smoothed");
const LABELS = words("job le instance __name__ on bool group_left sum a_1 by offset start");
const QUOTED = [
  '"job"',
  '"my.label"',
  "'with \"quotes\"'",
  '"ünïcode"',
  '"a b"',
  '"__name__"',
  '"\\x41"',
  "`raw`",
  '"1st"',
];
const VALUES = [
  '"api"',
  '""',
  "'it\\'s'",
  '"\\n\\t\\\\"',
  '"héllo"',
  '"\\u00e9"',
  '"\\U0001F600"',
  '"\\101"',
  "`back\\slash`",
  '"a{b}"',
  '"#no comment"',
];
const PATTERNS = [
  '"api|web"',
  '".*"',
  '".+"',
  '"a(b"',
  '"[a-z]{2,3}"',
  '"(?i)X"',
  '""',
  '"a**"',
  '"\\\\d+"',
  '"(?P<n>x)"',
  '"x{1001}"',
];
const NUMBERS = words(
  "0 1 5 -0 1.5 .5 5. 1e3 1E-3 0x1F 0X_ff 0755 09 1_000 Inf NaN inf nAn 1e309 0b1 1__0 0.1e+2 12345678901234567890 1e-7 1e21 0.30000000000000004",
);
const DURATIONS = words("5m 1h30m 90s 1d 1w 1y 500ms 1h1h 0s 1m30s 90m 2w3d 1s1m 36h 1y2w 300 0.5 1500ms 5ms 400d 5x");
const SCALAR_TO_VECTOR = words("abs ceil floor exp sqrt ln timestamp sort absent hour histogram_avg histogram_sum rad");
const OVER_RANGES = words(
  "rate increase delta irate changes avg_over_time last_over_time absent_over_time resets deriv count_over_time mad_over_time",
);
const AGGREGATIONS = words("sum avg count min max group stddev stdvar SUM Max");
const WITH_PARAMETER = words("topk bottomk quantile limitk limit_ratio");
const ARITHMETIC = words("+ - * / % ^ atan2");
const COMPARISONS = words("== != < <= > >=");
const SETS = words("and or unless AND Or");

/** Language features that Prometheus 3.5 lacks and that generated texts may contain. */
export interface SyntaxOptions {
  /**
   * Whether texts use features of later Prometheus versions: function calls in durations, `fill`, `</`, `anchored`, new
   * functions.
   */
  readonly later: boolean;
}

/** Generates random texts by the grammar of PromQL. The types of most expressions are correct. */
export class SyntaxQueries {
  readonly #random: Random;
  readonly #later: boolean;

  constructor(random: Random, options: SyntaxOptions) {
    this.#random = random;
    this.#later = options.later;
  }

  query(): string {
    return this.#random.chance(80) ? this.#vector(this.#random.below(5)) : this.#any(this.#random.below(4));
  }

  /** Generates a random selector for the parameter `match[]`. */
  selector(): string {
    return this.#selector();
  }

  #list(item: () => string, comma: number): string {
    const items = Array.from(
      {
        length: this.#random.weighted([
          [1, 0],
          [5, 1],
          [3, 2],
          [1, 3],
        ]),
      },
      item,
    );
    return items.join(this.#gap(",")) + (items.length > 0 && this.#random.chance(comma) ? "," : "");
  }

  /** Returns a token, sometimes with blanks, line breaks or a comment around it. */
  #gap(token: string): string {
    return this.#random.weighted([
      [10, token],
      [10, ` ${token} `],
      [5, `${token} `],
      [1, `\n${token}\t`],
      [1, ` ${token} # é)\n`],
    ]);
  }

  #matcher(): string {
    const random = this.#random;
    if (random.chance(6)) return random.pick(QUOTED);
    const name = random.chance(80) ? random.pick(LABELS) : random.pick(QUOTED);
    const exact = random.chance(65);
    const operator = exact ? random.pick(["=", "!="]) : random.pick(["=~", "!~"]);
    return name + this.#gap(operator).replace(/#.*\n/, "") + random.pick(exact ? VALUES : PATTERNS);
  }

  #selector(): string {
    const random = this.#random;
    const name = random.chance(85) ? random.pick(this.#later && random.chance(15) ? LATER_NAMES : NAMES) : "";
    if (name !== "" && random.chance(50)) return name;
    return `${name}${random.chance(10) ? " " : ""}{${this.#list(() => this.#matcher(), 15)}}`;
  }

  #offset(): string {
    const random = this.#random;
    const sign = random.pick(["", "", "", "-", "+"]);
    if (!this.#later || random.chance(70)) return `offset ${sign}${random.pick(DURATIONS)}`;
    return `offset ${sign}${this.#durationPart(2)}`;
  }

  #at(): string {
    return `@ ${this.#random.pick(["start()", "end()", "1600000000", "-5", "1.5", "0x10", "1e3", "5m", "+3", "end ( )"])}`;
  }

  #modifiers(range: boolean): string {
    const random = this.#random;
    const all = [
      ...(random.chance(25) ? [this.#offset()] : []),
      ...(random.chance(15) ? [this.#at()] : []),
      ...(this.#later && random.chance(range ? 10 : 5) ? [random.pick(["anchored", "smoothed"])] : []),
      ...(random.chance(1) ? [this.#offset()] : []),
      ...(random.chance(1) ? [this.#at()] : []),
    ];
    return (random.chance(50) ? all : all.toReversed()).map((one) => ` ${one}`).join("");
  }

  #durationPart(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.chance(30)) return random.pick(DURATIONS);
    const inner = (): string => this.#durationPart(depth - 1);
    return random.weighted([
      [2, () => `(${this.#duration(depth - 1)})`],
      [1, () => random.pick(["step()", "range()", "STEP( )"])],
      [
        1,
        () =>
          `${random.pick(["min_of", "max_of"])}(${this.#duration(depth - 1)}${this.#gap(",").replace(/#.*\n/, "")}${inner()})`,
      ],
    ])();
  }

  #duration(depth: number): string {
    const random = this.#random;
    if (!this.#later || depth <= 0 || random.chance(50)) return random.pick(DURATIONS);
    return random.weighted([
      [3, () => this.#durationPart(depth)],
      [
        3,
        () =>
          `${this.#duration(depth - 1)}${random.pick([" ", ""])}${random.pick(["+", "-", "*", "/", "%", "^"])} ${this.#duration(depth - 1)}`,
      ],
      [1, () => `${random.pick(["-", "+", "- "])}${this.#duration(depth - 1)}`],
    ])();
  }

  #span(): string {
    return this.#random.chance(75) ? this.#random.pick(DURATIONS.slice(0, 7)) : this.#duration(2);
  }

  #matrix(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.chance(70))
      return `${this.#selector()}${random.chance(10) ? " " : ""}[${this.#span()}]${this.#modifiers(true)}`;
    const step = random.chance(50) ? this.#span() : "";
    return `${this.#operand(depth - 1)}[${this.#span()}${random.pick([":", " : "])}${step}]${this.#modifiers(false)}`;
  }

  #operand(depth: number): string {
    return this.#random.chance(60) ? `(${this.#vector(depth)})` : this.#vector(Math.min(depth, 0));
  }

  #scalar(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.chance(50)) return random.chance(80) ? random.pick(NUMBERS) : random.pick(DURATIONS);
    return random.weighted([
      [2, () => random.pick(["time()", "pi()", "-1", "+Inf", "- 5m"])],
      [2, () => `scalar(${this.#vector(depth - 1)})`],
      [2, () => `${this.#scalar(depth - 1)} ${random.pick(ARITHMETIC)} ${this.#scalar(depth - 1)}`],
      [
        1,
        () =>
          `${this.#scalar(depth - 1)} ${random.pick(COMPARISONS)} ${random.chance(90) ? "bool " : ""}${this.#scalar(depth - 1)}`,
      ],
      [1, () => `(${this.#scalar(depth - 1)})`],
      [1, () => `-${this.#scalar(depth - 1)}`],
      [
        this.#later ? 1 : 0,
        () => random.pick(["start()", "end()", "step()", "range()", "max_of(1, 2)", "min_of(time(), 5m)"]),
      ],
    ])();
  }

  #labels(): string {
    return `(${this.#list(() => (this.#random.chance(85) ? this.#random.pick(LABELS) : this.#random.pick(QUOTED)), 8)})`;
  }

  #aggregate(depth: number): string {
    const random = this.#random;
    const grouping = random.chance(60)
      ? `${random.pick(["by", "without", "BY"])}${random.pick(["", " "])}${this.#labels()}`
      : "";
    const [op, parameter] = random.weighted([
      [8, () => [random.pick(AGGREGATIONS), ""]],
      [3, () => [random.pick(WITH_PARAMETER), `${this.#scalar(1)}, `]],
      [1, () => ["count_values", `${random.pick(VALUES)}, `]],
    ])();
    const args = `(${parameter}${this.#vector(depth - 1)})`;
    if (grouping === "") return op + args;
    return random.chance(60) ? `${op} ${grouping} ${args}` : `${op}${args} ${grouping}`;
  }

  #matching(operator: string): string {
    const random = this.#random;
    const bool = COMPARISONS.includes(operator) ? random.chance(30) : random.chance(1);
    let text = bool ? " bool" : "";
    if (random.chance(35)) {
      text += ` ${random.pick(["on", "ignoring", "ON"])}${random.pick(["", " "])}${this.#labels()}`;
      if (random.chance(30))
        text += ` ${random.pick(["group_left", "group_right"])} ${random.chance(70) ? this.#labels() : ""}`;
    }
    if (!this.#later || !random.chance(15)) return text;
    const value = (): string => `(${random.pick(["0", "-1", "+5m", "NaN", "1e3", "-Inf", "2"])})`;
    return `${text} ${random.pick([`fill ${value()}`, `fill_left${value()}`, `fill_right ${value()}`, `fill_left${value()} fill_right${value()}`, `fill_right(1)fill_left(1)`])}`;
  }

  #binary(depth: number): string {
    const random = this.#random;
    const operator = random.pick([...ARITHMETIC, ...COMPARISONS, ...SETS, ...(this.#later ? ["</", ">/"] : [])]);
    const side = (): string =>
      random.weighted([
        [5, () => this.#operand(depth - 1)],
        [2, () => this.#vector(depth - 1)],
        [2, () => this.#scalar(1)],
      ])();
    return `${side()} ${operator}${this.#matching(operator.toLowerCase())} ${side()}`;
  }

  #call(depth: number): string {
    const random = this.#random;
    const v = (): string => this.#vector(depth - 1);
    const m = (): string => this.#matrix(depth - 1);
    const s = (): string => this.#scalar(1);
    const t = (): string => random.pick(VALUES);
    return random.weighted([
      [5, () => `${random.pick(SCALAR_TO_VECTOR)}(${v()})`],
      [8, () => `${random.pick(OVER_RANGES)}${random.pick(["", " "])}(${m()})`],
      [2, () => `histogram_quantile(${s()}, ${v()})`],
      [1, () => `quantile_over_time(${s()}, ${m()})`],
      [1, () => `predict_linear(${m()}, ${s()})`],
      [1, () => `label_replace(${v()}, ${t()}, ${t()}, ${t()}, ${t()})`],
      [1, () => `label_join(${v()}, ${t()}, ${t()}${random.chance(70) ? `, ${t()}` : ""})`],
      [1, () => `sort_by_label(${v()}, ${t()})`],
      [1, () => `round(${v()}${random.chance(50) ? `, ${s()}` : ""})`],
      [1, () => `clamp(${v()}, ${s()}, ${s()})`],
      [1, () => `vector(${s()})`],
      [1, () => random.pick(["hour()", "pi()", "vector()", "time(1)", "nope(1)", "Rate(up[5m])"])],
      [
        1,
        () =>
          `info(${v()}${random.chance(70) ? `, ${random.chance(80) ? `{${this.#list(() => this.#matcher(), 5)}}` : v()}` : ""})`,
      ],
      [1, () => `double_exponential_smoothing(${m()}, ${s()}, ${s()})`],
    ])();
  }

  #vector(depth: number): string {
    const random = this.#random;
    if (depth <= 0) return this.#selector() + this.#modifiers(false);
    return random.weighted([
      [2, () => this.#selector() + this.#modifiers(false)],
      [4, () => this.#aggregate(depth)],
      [4, () => this.#binary(depth)],
      [5, () => this.#call(depth)],
      [1, () => `(${this.#gap(this.#vector(depth - 1))})`],
      [1, () => `${random.pick(["-", "+", "- "])}${this.#vector(depth - 1)}`],
    ])();
  }

  #any(depth: number): string {
    return this.#random.weighted([
      [3, () => this.#matrix(depth)],
      [3, () => this.#scalar(depth)],
      [1, () => this.#random.pick(VALUES)],
      [1, () => `{${this.#list(() => this.#matcher(), 10)}}`],
      [1, () => ""],
    ])();
  }
}

const TOKEN = /#[^\n]*\n|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[\w.:]+|[=!]~|[=!<>]=|[<>]\/|\s+|[^]/gu;
const STRAY = "()[]{},:;=!~<>+-*/%^@#$&\"'`\\.?| \n_0159aeEfmsxXé\u{1F600}";
const WORDS = words(
  'offset by without on ignoring bool group_left group_right and sum topk atan2 5m 1 foo @ start {a="b"} [5m] [5m:1m] rate inf "x" - (',
);
const LATER_WORDS = words("step range() min_of end() fill fill_left(1) anchored smoothed </");

/**
 * Adds one to three mistakes to a text: omits, doubles, swaps or inserts a token, inserts a character, or cuts off the
 * rest.
 */
export function mutated(random: Random, query: string, { later }: SyntaxOptions): string {
  const put = later ? [...WORDS, ...LATER_WORDS] : WORDS;
  let text = query;
  for (
    let slips = random.weighted([
      [6, 1],
      [2, 2],
      [1, 3],
    ]);
    slips > 0;
    slips--
  )
    text = withTypingError(random, text, put);
  return text;
}

function withTypingError(random: Random, text: string, choice: readonly string[]): string {
  const tokens = text.match(TOKEN) ?? [];
  const at = random.below(tokens.length + 1);
  const replaced = (count: number, ...put: readonly string[]): string => tokens.toSpliced(at, count, ...put).join("");
  return random.weighted([
    [4, () => replaced(1)],
    [2, () => replaced(1, tokens[at] ?? ")", " ", tokens[at] ?? ")")],
    [2, () => replaced(2, tokens[at + 1] ?? "", tokens[at] ?? "")],
    [3, () => replaced(0, " ", random.pick(choice), " ")],
    [2, () => replaced(1, random.pick(choice))],
    [3, () => tokens.slice(0, at).join("")],
    [3, () => strayed(random, Array.from(text))],
  ])();
}

const strayed = (random: Random, characters: readonly string[]): string =>
  characters.toSpliced(random.below(characters.length + 1), random.below(2), random.pick(Array.from(STRAY))).join("");
