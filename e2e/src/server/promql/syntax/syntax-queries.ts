import type { Dice } from "../../../support/dice.ts";

const words = (list: string): readonly string[] => list.split(" ");

/** Names that no version takes for keywords where a metric name is expected. */
const NAMES = words(
  "up http_requests_total a:b :x _ Rate on_call or1 sum by offset start limitk without and or unless end topk",
);
/** Names that are keywords in later versions. */
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

/** Features beyond the language of 3.5 that generated texts may contain. */
export interface SyntaxOptions {
  /** Whether texts use features of later versions: calls in durations, `fill`, `</`, `anchored`, new functions. */
  readonly later: boolean;
}

/** Generates texts by the grammar of PromQL; types are usually right. */
export class SyntaxQueries {
  readonly #dice: Dice;
  readonly #later: boolean;

  constructor(dice: Dice, options: SyntaxOptions) {
    this.#dice = dice;
    this.#later = options.later;
  }

  query(): string {
    return this.#dice.chance(80) ? this.#vector(this.#dice.roll(5)) : this.#any(this.#dice.roll(4));
  }

  /** Draws a selector for the parameter `match[]`. */
  selector(): string {
    return this.#selector();
  }

  #list(item: () => string, comma: number): string {
    const items = Array.from(
      {
        length: this.#dice.weighted([
          [1, 0],
          [5, 1],
          [3, 2],
          [1, 3],
        ]),
      },
      item,
    );
    return items.join(this.#gap(",")) + (items.length > 0 && this.#dice.chance(comma) ? "," : "");
  }

  /** Returns a token, sometimes with blanks, line breaks or a comment around it. */
  #gap(token: string): string {
    return this.#dice.weighted([
      [10, token],
      [10, ` ${token} `],
      [5, `${token} `],
      [1, `\n${token}\t`],
      [1, ` ${token} # é)\n`],
    ]);
  }

  #matcher(): string {
    const dice = this.#dice;
    if (dice.chance(6)) return dice.pick(QUOTED);
    const name = dice.chance(80) ? dice.pick(LABELS) : dice.pick(QUOTED);
    const exact = dice.chance(65);
    const operator = exact ? dice.pick(["=", "!="]) : dice.pick(["=~", "!~"]);
    return name + this.#gap(operator).replace(/#.*\n/, "") + dice.pick(exact ? VALUES : PATTERNS);
  }

  #selector(): string {
    const dice = this.#dice;
    const name = dice.chance(85) ? dice.pick(this.#later && dice.chance(15) ? LATER_NAMES : NAMES) : "";
    if (name !== "" && dice.chance(50)) return name;
    return `${name}${dice.chance(10) ? " " : ""}{${this.#list(() => this.#matcher(), 15)}}`;
  }

  #offset(): string {
    const dice = this.#dice;
    const sign = dice.pick(["", "", "", "-", "+"]);
    if (!this.#later || dice.chance(70)) return `offset ${sign}${dice.pick(DURATIONS)}`;
    return `offset ${sign}${this.#durationPart(2)}`;
  }

  #at(): string {
    return `@ ${this.#dice.pick(["start()", "end()", "1600000000", "-5", "1.5", "0x10", "1e3", "5m", "+3", "end ( )"])}`;
  }

  #modifiers(range: boolean): string {
    const dice = this.#dice;
    const all = [
      ...(dice.chance(25) ? [this.#offset()] : []),
      ...(dice.chance(15) ? [this.#at()] : []),
      ...(this.#later && dice.chance(range ? 10 : 5) ? [dice.pick(["anchored", "smoothed"])] : []),
      ...(dice.chance(1) ? [this.#offset()] : []),
      ...(dice.chance(1) ? [this.#at()] : []),
    ];
    return (dice.chance(50) ? all : all.toReversed()).map((one) => ` ${one}`).join("");
  }

  #durationPart(depth: number): string {
    const dice = this.#dice;
    if (depth <= 0 || dice.chance(30)) return dice.pick(DURATIONS);
    const inner = (): string => this.#durationPart(depth - 1);
    return dice.weighted([
      [2, () => `(${this.#duration(depth - 1)})`],
      [1, () => dice.pick(["step()", "range()", "STEP( )"])],
      [
        1,
        () =>
          `${dice.pick(["min_of", "max_of"])}(${this.#duration(depth - 1)}${this.#gap(",").replace(/#.*\n/, "")}${inner()})`,
      ],
    ])();
  }

  #duration(depth: number): string {
    const dice = this.#dice;
    if (!this.#later || depth <= 0 || dice.chance(50)) return dice.pick(DURATIONS);
    return dice.weighted([
      [3, () => this.#durationPart(depth)],
      [
        3,
        () =>
          `${this.#duration(depth - 1)}${dice.pick([" ", ""])}${dice.pick(["+", "-", "*", "/", "%", "^"])} ${this.#duration(depth - 1)}`,
      ],
      [1, () => `${dice.pick(["-", "+", "- "])}${this.#duration(depth - 1)}`],
    ])();
  }

  #span(): string {
    return this.#dice.chance(75) ? this.#dice.pick(DURATIONS.slice(0, 7)) : this.#duration(2);
  }

  #matrix(depth: number): string {
    const dice = this.#dice;
    if (depth <= 0 || dice.chance(70))
      return `${this.#selector()}${dice.chance(10) ? " " : ""}[${this.#span()}]${this.#modifiers(true)}`;
    const step = dice.chance(50) ? this.#span() : "";
    return `${this.#operand(depth - 1)}[${this.#span()}${dice.pick([":", " : "])}${step}]${this.#modifiers(false)}`;
  }

  #operand(depth: number): string {
    return this.#dice.chance(60) ? `(${this.#vector(depth)})` : this.#vector(Math.min(depth, 0));
  }

  #scalar(depth: number): string {
    const dice = this.#dice;
    if (depth <= 0 || dice.chance(50)) return dice.chance(80) ? dice.pick(NUMBERS) : dice.pick(DURATIONS);
    return dice.weighted([
      [2, () => dice.pick(["time()", "pi()", "-1", "+Inf", "- 5m"])],
      [2, () => `scalar(${this.#vector(depth - 1)})`],
      [2, () => `${this.#scalar(depth - 1)} ${dice.pick(ARITHMETIC)} ${this.#scalar(depth - 1)}`],
      [
        1,
        () =>
          `${this.#scalar(depth - 1)} ${dice.pick(COMPARISONS)} ${dice.chance(90) ? "bool " : ""}${this.#scalar(depth - 1)}`,
      ],
      [1, () => `(${this.#scalar(depth - 1)})`],
      [1, () => `-${this.#scalar(depth - 1)}`],
      [
        this.#later ? 1 : 0,
        () => dice.pick(["start()", "end()", "step()", "range()", "max_of(1, 2)", "min_of(time(), 5m)"]),
      ],
    ])();
  }

  #labels(): string {
    return `(${this.#list(() => (this.#dice.chance(85) ? this.#dice.pick(LABELS) : this.#dice.pick(QUOTED)), 8)})`;
  }

  #aggregate(depth: number): string {
    const dice = this.#dice;
    const grouping = dice.chance(60)
      ? `${dice.pick(["by", "without", "BY"])}${dice.pick(["", " "])}${this.#labels()}`
      : "";
    const [op, parameter] = dice.weighted([
      [8, () => [dice.pick(AGGREGATIONS), ""]],
      [3, () => [dice.pick(WITH_PARAMETER), `${this.#scalar(1)}, `]],
      [1, () => ["count_values", `${dice.pick(VALUES)}, `]],
    ])();
    const args = `(${parameter}${this.#vector(depth - 1)})`;
    if (grouping === "") return op + args;
    return dice.chance(60) ? `${op} ${grouping} ${args}` : `${op}${args} ${grouping}`;
  }

  #matching(operator: string): string {
    const dice = this.#dice;
    const bool = COMPARISONS.includes(operator) ? dice.chance(30) : dice.chance(1);
    let text = bool ? " bool" : "";
    if (dice.chance(35)) {
      text += ` ${dice.pick(["on", "ignoring", "ON"])}${dice.pick(["", " "])}${this.#labels()}`;
      if (dice.chance(30))
        text += ` ${dice.pick(["group_left", "group_right"])} ${dice.chance(70) ? this.#labels() : ""}`;
    }
    if (!this.#later || !dice.chance(15)) return text;
    const value = (): string => `(${dice.pick(["0", "-1", "+5m", "NaN", "1e3", "-Inf", "2"])})`;
    return `${text} ${dice.pick([`fill ${value()}`, `fill_left${value()}`, `fill_right ${value()}`, `fill_left${value()} fill_right${value()}`, `fill_right(1)fill_left(1)`])}`;
  }

  #binary(depth: number): string {
    const dice = this.#dice;
    const operator = dice.pick([...ARITHMETIC, ...COMPARISONS, ...SETS, ...(this.#later ? ["</", ">/"] : [])]);
    const side = (): string =>
      dice.weighted([
        [5, () => this.#operand(depth - 1)],
        [2, () => this.#vector(depth - 1)],
        [2, () => this.#scalar(1)],
      ])();
    return `${side()} ${operator}${this.#matching(operator.toLowerCase())} ${side()}`;
  }

  #call(depth: number): string {
    const dice = this.#dice;
    const v = (): string => this.#vector(depth - 1);
    const m = (): string => this.#matrix(depth - 1);
    const s = (): string => this.#scalar(1);
    const t = (): string => dice.pick(VALUES);
    return dice.weighted([
      [5, () => `${dice.pick(SCALAR_TO_VECTOR)}(${v()})`],
      [8, () => `${dice.pick(OVER_RANGES)}${dice.pick(["", " "])}(${m()})`],
      [2, () => `histogram_quantile(${s()}, ${v()})`],
      [1, () => `quantile_over_time(${s()}, ${m()})`],
      [1, () => `predict_linear(${m()}, ${s()})`],
      [1, () => `label_replace(${v()}, ${t()}, ${t()}, ${t()}, ${t()})`],
      [1, () => `label_join(${v()}, ${t()}, ${t()}${dice.chance(70) ? `, ${t()}` : ""})`],
      [1, () => `sort_by_label(${v()}, ${t()})`],
      [1, () => `round(${v()}${dice.chance(50) ? `, ${s()}` : ""})`],
      [1, () => `clamp(${v()}, ${s()}, ${s()})`],
      [1, () => `vector(${s()})`],
      [1, () => dice.pick(["hour()", "pi()", "vector()", "time(1)", "nope(1)", "Rate(up[5m])"])],
      [
        1,
        () =>
          `info(${v()}${dice.chance(70) ? `, ${dice.chance(80) ? `{${this.#list(() => this.#matcher(), 5)}}` : v()}` : ""})`,
      ],
      [1, () => `double_exponential_smoothing(${m()}, ${s()}, ${s()})`],
    ])();
  }

  #vector(depth: number): string {
    const dice = this.#dice;
    if (depth <= 0) return this.#selector() + this.#modifiers(false);
    return dice.weighted([
      [2, () => this.#selector() + this.#modifiers(false)],
      [4, () => this.#aggregate(depth)],
      [4, () => this.#binary(depth)],
      [5, () => this.#call(depth)],
      [1, () => `(${this.#gap(this.#vector(depth - 1))})`],
      [1, () => `${dice.pick(["-", "+", "- "])}${this.#vector(depth - 1)}`],
    ])();
  }

  #any(depth: number): string {
    return this.#dice.weighted([
      [3, () => this.#matrix(depth)],
      [3, () => this.#scalar(depth)],
      [1, () => this.#dice.pick(VALUES)],
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
export function mutated(dice: Dice, query: string, { later }: SyntaxOptions): string {
  const put = later ? [...WORDS, ...LATER_WORDS] : WORDS;
  let text = query;
  for (
    let slips = dice.weighted([
      [6, 1],
      [2, 2],
      [1, 3],
    ]);
    slips > 0;
    slips--
  )
    text = slip(dice, text, put);
  return text;
}

function slip(dice: Dice, text: string, choice: readonly string[]): string {
  const tokens = text.match(TOKEN) ?? [];
  const at = dice.roll(tokens.length + 1);
  const replaced = (count: number, ...put: readonly string[]): string => tokens.toSpliced(at, count, ...put).join("");
  return dice.weighted([
    [4, () => replaced(1)],
    [2, () => replaced(1, tokens[at] ?? ")", " ", tokens[at] ?? ")")],
    [2, () => replaced(2, tokens[at + 1] ?? "", tokens[at] ?? "")],
    [3, () => replaced(0, " ", dice.pick(choice), " ")],
    [2, () => replaced(1, dice.pick(choice))],
    [3, () => tokens.slice(0, at).join("")],
    [3, () => strayed(dice, Array.from(text))],
  ])();
}

const strayed = (dice: Dice, characters: readonly string[]): string =>
  characters.toSpliced(dice.roll(characters.length + 1), dice.roll(2), dice.pick(Array.from(STRAY))).join("");
