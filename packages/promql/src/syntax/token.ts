import { quote } from "@narthex/model";

/** Types of tokens. For a keyword or punctuation, the type is its canonical spelling. */
export type TokenType =
  | "end"
  | "error"
  | "identifier"
  | "metricIdentifier"
  | "string"
  | "number"
  | "duration"
  | Keyword
  | Punctuation;

type Keyword =
  | "and"
  | "or"
  | "unless"
  | "atan2"
  | "sum"
  | "avg"
  | "count"
  | "min"
  | "max"
  | "group"
  | "stddev"
  | "stdvar"
  | "topk"
  | "bottomk"
  | "count_values"
  | "quantile"
  | "limitk"
  | "limit_ratio"
  | "offset"
  | "smoothed"
  | "anchored"
  | "by"
  | "without"
  | "on"
  | "ignoring"
  | "group_left"
  | "group_right"
  | "fill"
  | "fill_left"
  | "fill_right"
  | "bool"
  | "start()"
  | "end()"
  | "step()"
  | "range()"
  | "max_of"
  | "min_of";

type Punctuation =
  | "("
  | ")"
  | "{"
  | "}"
  | "["
  | "]"
  | ","
  | ":"
  | "="
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "</"
  | ">/"
  | "=~"
  | "!~"
  | "@";

export interface Token {
  readonly type: TokenType;
  /** Text of the token as written; for an error token, the error message. */
  readonly text: string;
  /** Byte offsets of the token. */
  readonly start: number;
  readonly end: number;
}

const names = <T extends string>(list: string): ReadonlySet<T> => new Set(list.split(" ") as T[]);

export const AGGREGATORS: ReadonlySet<TokenType> = names(
  "sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio",
);
/** Keywords within selectors, aggregations and binary operators. */
export const MODIFIERS: ReadonlySet<TokenType> = names(
  "offset smoothed anchored by without on ignoring group_left group_right fill fill_left fill_right bool",
);
export const OPERATORS: ReadonlySet<TokenType> = names("and or unless atan2 + - * / % ^ == != < <= > >= </ >/ =~ !~ @");

/**
 * Token types of the words `start`, `end`, `step` and `range`. The types have parentheses, because the type `end` means
 * the end of the text.
 */
const PREPROCESSORS: Readonly<Record<string, Keyword>> = {
  start: "start()",
  end: "end()",
  step: "step()",
  range: "range()",
  max_of: "max_of",
  min_of: "min_of",
};

/** Keywords by their lower-case spelling, including the numbers `inf` and `nan`. */
export const KEYWORDS: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ...[...AGGREGATORS, ...MODIFIERS, "and", "or", "unless", "atan2"].map((name): [string, TokenType] => [
    name,
    name as TokenType,
  ]),
  ...Object.entries(PREPROCESSORS),
  ["inf", "number"],
  ["nan", "number"],
]);

/** Keywords that begin the call of a function. */
export const CALLABLE_KEYWORDS: ReadonlySet<TokenType> = new Set<TokenType>(Object.values(PREPROCESSORS));

const NOT_METRIC_NAMES: ReadonlySet<TokenType> = names("atan2 bool on ignoring group_left group_right");

/** Token types that can be a metric name. */
export const METRIC_NAME_TOKENS: ReadonlySet<TokenType> = new Set<TokenType>([
  "identifier",
  "metricIdentifier",
  ...[...KEYWORDS.values()].filter((type) => type !== "number" && !NOT_METRIC_NAMES.has(type)),
]);

/** Token types that can be a label in `by (…)` and similar lists. */
export const LABEL_NAME_TOKENS: ReadonlySet<TokenType> = new Set<TokenType>([
  "identifier",
  "metricIdentifier",
  ...[...KEYWORDS.values()].filter((type) => type !== "number" && type !== "without"),
]);

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** Returns the description of a token for error messages: `identifier "x"`, `<op:+>`, `"("`, `end of input`. */
export function describeToken(token: Token): string {
  const { type, text } = token;
  if (type === "end") return "end of input";
  if (type === "identifier") return `identifier ${quote(text)}`;
  if (type === "metricIdentifier") return `metric identifier ${quote(text)}`;
  if (MODIFIERS.has(type)) return `<${text}>`;
  if (OPERATORS.has(type)) return `<op:${text}>`;
  if (AGGREGATORS.has(type)) return `<aggr:${text}>`;
  const shown = byteLength(text) > 10 ? `${quote(Array.from(text).slice(0, 10).join(""))}...` : quote(text);
  return type === "string" || type === "number" || type === "duration" ? `${type} ${shown}` : shown;
}
