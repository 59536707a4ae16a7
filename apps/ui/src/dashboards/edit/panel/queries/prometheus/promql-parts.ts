/** A condition on a label of a metric's series. */
export interface LabelFilter {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/**
 * A function that is applied to the previous steps: its other arguments as text, and its range if it takes a range
 * vector.
 */
export interface FunctionStep {
  readonly kind: "function";
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Text in the brackets: `5m`, `$__rate_interval`, `1h:1m`. */
  readonly range?: string;
}

/** Aggregates series: all of them, or by labels. */
export interface AggregateStep {
  readonly kind: "aggregate";
  readonly name: string;
  readonly before: readonly string[];
  readonly grouping: "all" | "by" | "without";
  readonly labels: readonly string[];
}

/**
 * A binary operation: the left side is the previous steps, the operator has its modifiers, and the right side is text.
 */
interface BinaryStep {
  readonly kind: "binary";
  readonly operator: string;
  readonly right: string;
}

export type Step = FunctionStep | AggregateStep | BinaryStep;

/** The parts of an expression: a selector, and the operations on its series in order. */
export interface PromqlParts {
  readonly metric: string;
  readonly filters: readonly LabelFilter[];
  readonly steps: readonly Step[];
}

export const noParts: PromqlParts = { metric: "", filters: [], steps: [] };

/**
 * Precedence of binary operators, lowest first. Operators of a level are left-associative, except `^`, which is
 * right-associative.
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

/** Returns the selector of a metric and its filters as PromQL; empty if it has neither. */
export function selectorText({ metric, filters }: Pick<PromqlParts, "metric" | "filters">): string {
  const isPlain = metric === "" || PLAIN_NAME.test(metric) || VARIABLE.test(metric);
  const conditions = filters
    .filter(({ label }) => label !== "")
    .map(({ label, op, value }) => `${labelText(label)}${op}${JSON.stringify(value)}`);
  const inside = [...(isPlain ? [] : [JSON.stringify(metric)]), ...conditions];
  return `${isPlain ? metric : ""}${inside.length === 0 ? "" : `{${inside.join(", ")}}`}`;
}

/** Returns the expression of some parts. */
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

/** A subquery of an operation needs parentheses. */
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
