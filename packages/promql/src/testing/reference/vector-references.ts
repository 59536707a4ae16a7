import { fractions, histogramVariance, manyQuantiles, quantiles } from "./histogram-references.ts";
import {
  countOf,
  isHistogram,
  type PlainElement,
  type PlainGrid,
  type PlainHistogram,
  withLabel,
  without,
  withoutName,
} from "./plain.ts";

/** Input of a reference implementation for one evaluation time. */
export interface PlainStep {
  /** Evaluation time, ms. */
  readonly time: number;
  readonly grid: PlainGrid;
  /** Returns the elements that an instant selector of a metric finds. */
  readonly select: (name: string) => PlainElement[];
  /** Returns whether any series of a metric has a sample in the last `rangeMs` ms. */
  readonly seen: (name: string, rangeMs: number) => boolean;
}

export interface VectorCase {
  readonly query: string;
  readonly reference: (step: PlainStep) => PlainElement[];
}

const on = (query: string, reference: VectorCase["reference"]): VectorCase => ({ query, reference });

/** Applies a function to each number. Drops histograms and the metric name. */
const floats = (elements: readonly PlainElement[], compute: (value: number) => number | undefined): PlainElement[] =>
  elements.flatMap(({ labels, value }) => {
    const result = isHistogram(value) ? undefined : compute(value);
    return result === undefined ? [] : [{ labels: withoutName(labels), value: result }];
  });

const math = (name: string, compute: (value: number) => number): VectorCase[] => [
  on(`${name}(m)`, ({ select }) => floats(select("m"), compute)),
];

/** Returns the larger number. A NaN argument makes the result NaN, unless the other argument is Infinity. */
const larger = (a: number, b: number): number => (a === Infinity || b === Infinity ? Infinity : Math.max(a, b));
const smaller = (a: number, b: number): number => (a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b));

const roundTo = (value: number, to: number): number => Math.floor(value * (1 / to) + 0.5) / (1 / to);

const dayOfYear = (date: Date): number =>
  Math.round((Date.UTC(2001, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(2001, 0, 1)) / 86_400_000) +
  1 +
  (date.getUTCMonth() > 1 && new Date(Date.UTC(date.getUTCFullYear(), 1, 29)).getUTCMonth() === 1 ? 1 : 0);

const calendar = (name: string, part: (date: Date) => number): VectorCase[] => [
  on(`${name}(day_seconds)`, ({ select }) =>
    floats(select("day_seconds"), (value) => part(new Date(Math.trunc(value) * 1000))),
  ),
  on(`${name}()`, ({ time }) => [{ labels: {}, value: part(new Date(Math.trunc(time / 1000) * 1000)) }]),
];

const histograms = (name: string, compute: (histogram: PlainHistogram) => number): VectorCase[] => [
  on(`${name}(m)`, ({ select }) =>
    select("m").flatMap(({ labels, value }) =>
      isHistogram(value) ? [{ labels: withoutName(labels), value: compute(value) }] : [],
    ),
  ),
];

const scalar = (query: string, compute: (step: PlainStep) => number): VectorCase[] => [
  on(query, (step) => [{ labels: {}, value: compute(step) }]),
];

const onlyFloat = (elements: readonly PlainElement[]): number => {
  const numbers = elements.flatMap(({ value }) => (isHistogram(value) ? [] : [value]));
  return numbers.length === 1 ? numbers[0]! : NaN;
};

const relabeled = (
  elements: readonly PlainElement[],
  change: (labels: PlainElement["labels"]) => PlainElement["labels"],
): PlainElement[] => elements.map(({ labels, value }) => ({ labels: change(labels), value }));

/**
 * Reference implementation of info(): adds the labels of info series with the same instance and job, except labels that
 * a series already has.
 */
const informed = ({ select }: PlainStep, wanted: readonly string[], required: boolean): PlainElement[] =>
  select("m").flatMap(({ labels, value }) => {
    const info = select("target_info").find(
      (other) => other.labels["instance"] === labels["instance"] && other.labels["job"] === labels["job"],
    );
    if (info === undefined) return required ? [] : [{ labels, value }];
    const lent = Object.entries(without(info.labels, "__name__", "instance", "job")).filter(
      ([name]) => wanted.length === 0 || wanted.includes(name),
    );
    if (required && lent.length === 0) return [];
    return [{ labels: { ...Object.fromEntries(lent), ...labels }, value }];
  });

const NUMBERS: Readonly<Record<string, VectorCase[]>> = {
  abs: math("abs", Math.abs),
  ceil: math("ceil", Math.ceil),
  floor: math("floor", Math.floor),
  exp: math("exp", (x) => Math.E ** x),
  sqrt: math("sqrt", (x) => (x === -Infinity ? NaN : x ** 0.5)),
  ln: math("ln", Math.log),
  log2: math("log2", (x) => Math.log(x) / Math.LN2),
  log10: math("log10", (x) => Math.log(x) / Math.LN10),
  sgn: math("sgn", Math.sign),
  deg: math("deg", (x) => (x / Math.PI) * 180),
  rad: math("rad", (x) => (x / 180) * Math.PI),
  sin: math("sin", Math.sin),
  cos: math("cos", Math.cos),
  tan: math("tan", (x) => Math.sin(x) / Math.cos(x)),
  asin: math("asin", Math.asin),
  acos: math("acos", Math.acos),
  atan: math("atan", Math.atan),
  sinh: math("sinh", (x) => (Math.exp(x) - Math.exp(-x)) / 2),
  cosh: math("cosh", (x) => (Math.exp(x) + Math.exp(-x)) / 2),
  tanh: math("tanh", Math.tanh),
  asinh: math("asinh", Math.asinh),
  acosh: math("acosh", (x) => Math.log(x + Math.sqrt(x * x - 1))),
  atanh: math("atanh", (x) => Math.log((1 + x) / (1 - x)) / 2),
  round: [
    on("round(m)", ({ select }) => floats(select("m"), (x) => Math.floor(x + 0.5))),
    on("round(m, 5)", ({ select }) => floats(select("m"), (x) => roundTo(x, 5))),
    on("round(m, 0.3)", ({ select }) => floats(select("m"), (x) => roundTo(x, 0.3))),
  ],
  clamp: [
    on("clamp(m, -2, 7)", ({ select }) => floats(select("m"), (x) => larger(-2, smaller(7, x)))),
    on("clamp(m, 7, -2)", () => []),
    on("clamp(m, -Inf, NaN)", ({ select }) => floats(select("m"), (x) => larger(-Infinity, smaller(NaN, x)))),
  ],
  clamp_min: [on("clamp_min(m, 3)", ({ select }) => floats(select("m"), (x) => larger(3, x)))],
  clamp_max: [on("clamp_max(m, 3)", ({ select }) => floats(select("m"), (x) => smaller(3, x)))],
};

const TIMES: Readonly<Record<string, VectorCase[]>> = {
  minute: calendar("minute", (date) => date.getUTCMinutes()),
  hour: calendar("hour", (date) => date.getUTCHours()),
  day_of_week: calendar("day_of_week", (date) => date.getUTCDay()),
  day_of_month: calendar("day_of_month", (date) => date.getUTCDate()),
  day_of_year: calendar("day_of_year", dayOfYear),
  days_in_month: calendar("days_in_month", (date) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  ),
  month: calendar("month", (date) => date.getUTCMonth() + 1),
  year: calendar("year", (date) => date.getUTCFullYear()),
  time: scalar("vector(time())", ({ time }) => time / 1000),
  timestamp: [
    on("timestamp(m)", ({ select }) =>
      select("m").map(({ labels, time }) => ({ labels: withoutName(labels), value: time! / 1000 })),
    ),
    on("timestamp(m + 0 * m)", ({ select, time }) =>
      select("m").map(({ labels }) => ({ labels: withoutName(labels), value: time / 1000 })),
    ),
  ],
  start_timestamp: [
    on("start_timestamp(m)", ({ select }) =>
      select("m").map(({ labels, start }) => ({ labels: withoutName(labels), value: start! / 1000 })),
    ),
    on("start_timestamp(m + m)", () => []),
  ],
  start: scalar("vector(start())", () => 0),
  end: scalar("vector(end())", ({ grid }) => ((grid.count - 1) * grid.step) / 1000),
  range: scalar("vector(range())", ({ grid }) => ((grid.count - 1) * grid.step) / 1000),
  step: scalar("vector(step())", ({ grid }) => grid.step / 1000),
};

const SCALARS: Readonly<Record<string, VectorCase[]>> = {
  pi: scalar("vector(pi())", () => Math.PI),
  scalar: scalar("vector(scalar(m))", ({ select }) => onlyFloat(select("m"))),
  vector: scalar("vector(time() * 2)", ({ time }) => time / 500),
  max_of: scalar("vector(max_of(scalar(m), time()))", ({ select, time }) =>
    Math.max(onlyFloat(select("m")), time / 1000),
  ),
  min_of: scalar("vector(min_of(time(), 20))", ({ time }) => Math.min(time / 1000, 20)),
};

const LABELS: Readonly<Record<string, VectorCase[]>> = {
  absent: [
    on('absent(m{a="1"})', ({ select }) =>
      select("m").some(({ labels }) => labels["a"] === "1") ? [] : [{ labels: { a: "1" }, value: 1 }],
    ),
    on("absent(m * 2)", ({ select }) => (select("m").length > 0 ? [] : [{ labels: {}, value: 1 }])),
  ],
  absent_over_time: [
    on('absent_over_time(n{b=~".*",a!="9"}[4s])', ({ seen }) => (seen("n", 4000) ? [] : [{ labels: {}, value: 1 }])),
  ],
  label_replace: [
    on('label_replace(m, "c", "<$1$2>", "a", "(1)|(2)")', ({ select }) =>
      relabeled(select("m"), (labels) =>
        /^[12]$/.test(labels["a"] ?? "") ? { ...labels, c: `<${labels["a"]!}>` } : labels,
      ),
    ),
    on('label_replace(m, "b", "$none", "a", "[12]?")', ({ select }) =>
      relabeled(select("m"), (labels) => (/^[12]?$/.test(labels["a"] ?? "") ? without(labels, "b") : labels)).filter(
        ({ labels }, i, all) => all.findIndex((other) => JSON.stringify(other.labels) === JSON.stringify(labels)) === i,
      ),
    ),
  ],
  label_join: [
    on('label_join(m, "c", "-", "a", "none", "b")', ({ select }) =>
      relabeled(select("m"), (labels) => withLabel(labels, "c", `${labels["a"] ?? ""}--${labels["b"] ?? ""}`)),
    ),
  ],
  info: [
    on("info(m)", (step) => informed(step, [], false)),
    on('info(m, {version=~".+"})', (step) => informed(step, ["version"], true)),
  ],
};

const HISTOGRAMS: Readonly<Record<string, VectorCase[]>> = {
  histogram_count: histograms("histogram_count", countOf),
  histogram_sum: histograms("histogram_sum", ({ sum }) => sum),
  histogram_avg: histograms("histogram_avg", (one) => one.sum / countOf(one)),
  histogram_stdvar: histograms("histogram_stdvar", histogramVariance),
  histogram_stddev: histograms("histogram_stddev", (one) => Math.sqrt(histogramVariance(one))),
  histogram_quantile: [0, 0.2, 0.5, 0.77, 1, -1, 2, NaN].flatMap((q) =>
    ["m", "classic", "crooked"].map((name) =>
      on(`histogram_quantile(${q}, ${name})`, ({ select }) => quantiles(q, select(name))),
    ),
  ),
  histogram_quantiles: ["m", "classic"].map((name) =>
    on(`histogram_quantiles(${name}, "q", 0.5, 1, 0.05)`, ({ select }) =>
      manyQuantiles("q", { "0.5": 0.5, "1.0": 1, "0.05": 0.05 }, select(name)),
    ),
  ),
  histogram_fraction: (
    [
      [0, 1],
      [1.5, 3],
      [0.7, Infinity],
      [-Infinity, 5],
      [3, 1],
      [NaN, 1],
    ] as const
  ).flatMap(([from, to]) =>
    ["m", "classic"].map((name) =>
      on(`histogram_fraction(${from}, ${to}, ${name})`.replaceAll("Infinity", "Inf"), ({ select }) =>
        fractions(from, to, select(name)),
      ),
    ),
  ),
};

/** Reference implementations of all functions of instant vectors and scalars, except functions that sort. */
export const VECTOR_REFERENCES: Readonly<Record<string, readonly VectorCase[]>> = {
  ...NUMBERS,
  ...TIMES,
  ...SCALARS,
  ...LABELS,
  ...HISTOGRAMS,
};
