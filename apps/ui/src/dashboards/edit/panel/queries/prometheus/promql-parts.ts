/** A condition that series of a metric must meet. */
export interface LabelFilter {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** A function around what is before it: its other arguments, as they are written, and of a function of ranges the range. */
export interface FunctionStep {
  readonly kind: "function";
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What stands in brackets: `5m`, `$__rate_interval`, `1h:1m`. */
  readonly range?: string;
}

/** Brings series together: all of them, or by labels. */
export interface AggregateStep {
  readonly kind: "aggregate";
  readonly name: string;
  readonly before: readonly string[];
  readonly grouping: "all" | "by" | "without";
  readonly labels: readonly string[];
}

/** What is before it, an operator with its modifiers, and another expression as it is written. */
export interface BinaryStep {
  readonly kind: "binary";
  readonly operator: string;
  readonly right: string;
}

export type Step = FunctionStep | AggregateStep | BinaryStep;

/** An expression by its parts: which series, and what is done with them, one after the other. */
export interface PromqlParts {
  readonly metric: string;
  readonly filters: readonly LabelFilter[];
  readonly steps: readonly Step[];
}

export const noParts: PromqlParts = { metric: "", filters: [], steps: [] };

/** How tightly operators bind; those of a level are read from the left, powers from the right. */
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

/** The series that a metric and its filters choose, as PromQL; empty where they choose nothing in particular. */
export function selectorText({ metric, filters }: Pick<PromqlParts, "metric" | "filters">): string {
  const isPlain = metric === "" || PLAIN_NAME.test(metric) || VARIABLE.test(metric);
  const conditions = filters
    .filter(({ label }) => label !== "")
    .map(({ label, op, value }) => `${labelText(label)}${op}${JSON.stringify(value)}`);
  const inside = [...(isPlain ? [] : [JSON.stringify(metric)]), ...conditions];
  return `${isPlain ? metric : ""}${inside.length === 0 ? "" : `{${inside.join(", ")}}`}`;
}

/** An expression of its parts. */
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

/** Ranges of operations need parentheses around them. */
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
