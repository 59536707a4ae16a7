export interface LabelFilter {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/**
 * A function that is applied to the result of the previous steps. `before` and `after` are its other arguments as text.
 * `range` is set if the function takes a range vector.
 */
export interface FunctionStep {
  readonly kind: "function";
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Text in the brackets: `5m`, `$__rate_interval`, `1h:1m`. */
  readonly range?: string;
}

/** An aggregation of the series from the previous steps: over all series, by some labels, or without some labels. */
export interface AggregateStep {
  readonly kind: "aggregate";
  readonly name: string;
  readonly before: readonly string[];
  readonly grouping: "all" | "by" | "without";
  readonly labels: readonly string[];
}

/**
 * A binary operation. Its left side is the result of the previous steps, and its right side is text. `operator`
 * includes modifiers such as `on (job)`.
 */
interface BinaryStep {
  readonly kind: "binary";
  readonly operator: string;
  readonly right: string;
}

export type Step = FunctionStep | AggregateStep | BinaryStep;

/** A PromQL expression as the builder edits it: a selector of series, and the operations on these series in order. */
export interface PromqlParts {
  readonly metric: string;
  readonly filters: readonly LabelFilter[];
  readonly steps: readonly Step[];
}

export const noParts: PromqlParts = { metric: "", filters: [], steps: [] };

/**
 * Binary operators by precedence, lowest first. Operators of the same precedence are left-associative, except `^`,
 * which is right-associative.
 */
const LEVELS = [
  ["or"],
  ["and", "unless"],
  ["==", "!=", "<=", "<", ">=", ">"],
  ["+", "-"],
  ["*", "/", "%", "atan2"],
  ["^"],
];

const levelOf = (operator: string): number => {
  const word = /^\S+/.exec(operator)?.[0] ?? "";
  return LEVELS.findIndex((level) => level.includes(word));
};

const PLAIN_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VARIABLE = /^(?:\$\w|\$\{[^}]*\}|\[\[[^\]]*\]\]|[\w:])+$/;

const labelText = (label: string): string =>
  PLAIN_LABEL.test(label) || VARIABLE.test(label) ? label : JSON.stringify(label);

/** Returns the PromQL selector of a metric and its filters; "" if there is no metric and no filter. */
export function selectorText({ metric, filters }: Pick<PromqlParts, "metric" | "filters">): string {
  const isPlain = metric === "" || PLAIN_NAME.test(metric) || VARIABLE.test(metric);
  const conditions = filters
    .filter(({ label }) => label !== "")
    .map(({ label, op, value }) => `${labelText(label)}${op}${JSON.stringify(value)}`);
  const inside = [...(isPlain ? [] : [JSON.stringify(metric)]), ...conditions];
  return `${isPlain ? metric : ""}${inside.length === 0 ? "" : `{${inside.join(", ")}}`}`;
}

export function printParts(parts: PromqlParts): string {
  let text = selectorText(parts);
  let level: number | undefined;
  for (const step of parts.steps) {
    if (step.kind === "binary") {
      const own = levelOf(step.operator);
      const isLoose = level !== undefined && (level < own || (level === own && step.operator.startsWith("^")));
      text = `${isLoose ? `(${text})` : text} ${step.operator} ${step.right}`;
      level = own;
      continue;
    }
    text = wrapped(step, level === undefined ? text : boxed(text, step));
    level = undefined;
  }
  return text;
}

/**
 * Puts a binary operation in parentheses if the next step is a function with a range, which makes a subquery of the
 * operation.
 */
const boxed = (text: string, step: FunctionStep | AggregateStep): string =>
  step.kind === "function" && step.range !== undefined ? `(${text})` : text;

function wrapped(step: FunctionStep | AggregateStep, inner: string): string {
  if (step.kind === "function") {
    const own = step.range === undefined ? inner : `${inner}[${step.range}]`;
    return `${step.name}(${[...step.before, own, ...step.after].join(", ")})`;
  }
  const grouping = step.grouping === "all" ? "" : ` ${step.grouping} (${step.labels.map(labelText).join(", ")}) `;
  return `${step.name}${grouping}(${[...step.before, inner].join(", ")})`;
}
