import { influxqlTokens } from "@narthex/dashboards";
import { literalPattern } from "@narthex/model";
import type { AdHocFilter } from "../../prometheus/target.ts";
import { QueryFailure } from "../../query-failure.ts";
import type { InfluxqlTarget, TagCondition } from "./influxql-target.ts";

const COMPARISONS: ReadonlySet<string> = new Set(["<", ">", "<=", ">="]);
const NUMBER = /^-?\d{1,30}(?:\.\d{1,30})?$/;
/** Numbers and durations, and times relative to now. */
const MEASURE = /^(?:-?\d{1,30}(?:\.\d{1,30})?[a-zµ]{0,2}|now\(\)(?: ?[-+] ?\d{1,15}[a-zµ]{1,2})?)$/;

/** Reports whether a text is one regular expression between slashes, and nothing else. */
export function isRegex(text: string): boolean {
  if (text.length < 2 || !text.startsWith("/") || !text.endsWith("/") || /[\n\r]/.test(text)) return false;
  const [first] = influxqlTokens(text);
  return first!.kind === "regex" && first!.end === text.length && !text.endsWith(String.raw`\/`);
}

/** Returns a text as a string literal. */
export const stringLiteral = (text: string): string => `'${escaped(text, /['\\\n\r]/g)}'`;

/** Returns a text as a quoted name. */
export const quotedName = (text: string): string => `"${escaped(text, /["\\\n\r]/g)}"`;

const escaped = (text: string, marks: RegExp): string =>
  text.replaceAll(marks, (mark) => (mark === "\n" || mark === "\r" ? String.raw`\n` : `\\${mark}`));

/** Returns the conditions of a target and of its ad hoc filters, without the time. Empty for a target without conditions. */
export function conditionsOf({ tags, adHocFilters }: InfluxqlTarget): string {
  const written = tags.map((tag, index) => (index === 0 ? "" : `${joinerOf(tag)} `) + conditionText(tag));
  const own = written.length > 1 ? `(${written.join(" ")})` : written.join("");
  return [...(own === "" ? [] : [own]), ...filterConditions(adHocFilters)].join(" AND ");
}

/** Returns the conditions of ad hoc filters. Throws QueryFailure for an operator that InfluxQL does not have. */
export const filterConditions = (filters: readonly AdHocFilter[]): readonly string[] =>
  filters.map(({ key, operator, value, values }) => {
    if (operator === "=|" || operator === "!=|") {
      const listed = (values.length > 0 ? values : [value]).map((one) => literalPattern(one)).join("|");
      return conditionText({ key, operator: operator === "=|" ? "=~" : "!~", value: `^(${listed})$`, condition: "" });
    }
    return conditionText({ key, operator, value, condition: "" });
  });

function joinerOf({ condition }: TagCondition): string {
  if (condition === "") return "AND";
  if (/^(?:and|or)$/i.test(condition)) return condition;
  throw new QueryFailure(400, `conditions are joined with "${condition.slice(0, 50)}"; write AND or OR`);
}

function conditionText({ key, operator, value }: TagCondition): string {
  const kind = /::(?:tag|field)$/.exec(key)?.[0] ?? "";
  const name = quotedName(key.slice(0, key.length - kind.length)) + kind;
  switch (operator) {
    case "":
      return isRegex(value) ? `${name} =~ ${value}` : `${name} = ${stringLiteral(value)}`;
    case "=~":
    case "!~":
      return `${name} ${operator} ${isRegex(value) ? value : regexLiteral(value)}`;
    case "Is":
    case "Is Not":
      return `${name} ${operator === "Is" ? "=" : "!="} ${kind === "::tag" ? stringLiteral(value) : typedLiteral(value)}`;
    case "=":
    case "!=":
    case "<>":
      return `${name} ${operator} ${stringLiteral(unwrapped(value))}`;
  }
  if (!COMPARISONS.has(operator))
    throw new QueryFailure(
      400,
      `condition on ${key}: operator "${operator.slice(0, 50)}" is not one of =, !=, <>, <, >, <=, >=, =~, !~, Is and Is Not`,
    );
  const plain = unwrapped(value);
  return `${name} ${operator} ${MEASURE.test(plain) ? plain : stringLiteral(withoutQuotes(plain))}`;
}

/** Returns the text between `/^` and `$/`, which the editor of queries adds to variables, or the text itself. */
const unwrapped = (value: string): string =>
  value.length >= 4 && value.startsWith("/^") && value.endsWith("$/") ? value.slice(2, -2) : value;

const withoutQuotes = (value: string): string =>
  value.length >= 2 && value.startsWith("'") && value.endsWith("'") ? value.slice(1, -1) : value;

const typedLiteral = (value: string): string => {
  if (/^(?:true|false)$/i.test(value)) return value.toLowerCase();
  return NUMBER.test(value) ? value : stringLiteral(unwrapped(value));
};

/** Writes a regular expression between slashes. A backslash at its end, and slashes, cannot end the literal. */
const regexLiteral = (pattern: string): string =>
  `/${pattern.replaceAll(/\\[^]|[\\/\n\r]/g, (part) => ESCAPES[part] ?? part)}/`;

const ESCAPES: Readonly<Record<string, string>> = {
  "\\\\": String.raw`\x5c`,
  "\\": String.raw`\x5c`,
  "\\\n": String.raw`\n`,
  "\\\r": String.raw`\r`,
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
  "/": String.raw`\/`,
};
