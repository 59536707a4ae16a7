import { type Matcher, type MatchType, quote } from "@narthex/model";
import { parseClassic, parseClassicList } from "./classic-matchers.ts";
import { MatcherError, type MatcherText } from "./matcher-text.ts";
import { parseUtf8 } from "./utf8-matchers.ts";

/**
 * Syntax of matchers: Alertmanager's classic syntax, its UTF-8 syntax, or both (`fallback`). If both syntaxes give
 * different results, `fallback` uses the classic result.
 */
export type MatcherMode = "classic" | "fallback" | "utf8";

/** The parsed matchers of a text, and a warning if the classic and the UTF-8 syntax interpret the text differently. */
export interface ParsedMatchers {
  readonly matchers: readonly Matcher[];
  readonly warning: string | undefined;
}

/** Parses a list of matchers such as `{foo="bar", baz=~"q.*"}`. Throws MatcherError. */
export function parseMatchers(input: string, mode: MatcherMode = "fallback"): ParsedMatchers {
  if (mode === "classic") return { matchers: parseClassicList(input), warning: undefined };
  if (mode === "utf8") return { matchers: parseUtf8(input), warning: undefined };
  return choose(
    input,
    attempt(() => parseUtf8(input)),
    attempt(() => parseClassicList(input)),
  );
}

/** Parses exactly one matcher, without braces around it. Throws MatcherError. */
export const parseMatcher = (input: string, mode: MatcherMode = "fallback"): Matcher =>
  parseSingle(input, mode).matchers[0]!;

/**
 * Parses one matcher, without braces around it. Also returns a warning if the classic and the UTF-8 syntax interpret
 * the text differently. Throws MatcherError.
 */
export function parseSingle(input: string, mode: MatcherMode): ParsedMatchers {
  if (mode === "classic") return { matchers: [parseClassic(input)], warning: undefined };
  if (input.startsWith("{") || input.endsWith("}")) {
    throw new MatcherError(`unexpected open or close brace: ${input}`);
  }
  if (mode === "utf8") return { matchers: [exactlyOne(parseUtf8(input))], warning: undefined };
  return choose(
    input,
    attempt(() => [exactlyOne(parseUtf8(input))]),
    attempt(() => [parseClassic(input)]),
  );
}

function exactlyOne(matchers: readonly Matcher[]): Matcher {
  if (matchers.length === 0) throw new MatcherError("no matchers");
  if (matchers.length > 1) throw new MatcherError(`expected 1 matcher, found ${matchers.length}`);
  return matchers[0]!;
}

type Attempt = readonly Matcher[] | MatcherError;

function attempt(parse: () => readonly Matcher[]): Attempt {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MatcherError) return error;
    throw error;
  }
}

/**
 * Chooses the matchers of the UTF-8 syntax if they equal those of the classic syntax or if the classic syntax fails.
 * Otherwise chooses the matchers of the classic syntax.
 */
function choose(input: string, utf8: Attempt, classic: Attempt): ParsedMatchers {
  if (classic instanceof MatcherError) {
    if (utf8 instanceof MatcherError) throw classic;
    return { matchers: utf8, warning: undefined };
  }
  if (utf8 instanceof MatcherError) {
    const suggestion = classic.map(printMatcher).join(",");
    const warning =
      "Alertmanager is moving to a new parser for labels and matchers, and this input is incompatible. Write it as " +
      `${suggestion} before a later version refuses it (input: ${input})`;
    return { matchers: classic, warning };
  }
  if (classic.map(printMatcher).join() === utf8.map(printMatcher).join()) return { matchers: utf8, warning: undefined };
  return { matchers: classic, warning: `Matchers input has disagreement (input: ${input})` };
}

const RESERVED = /[\p{White_Space}{}!=~,\\"'`]/u;

/** Prints a matcher as `name="value"`, as Alertmanager does. */
export function printMatcher({ name, type, value }: MatcherText): string {
  if (RESERVED.test(name)) return `${quote(name)}${type}${quote(value)}`;
  return `${name}${type}"${value.replace(/[\\\n"]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`))}"`;
}

/** Prints a list of matchers as `{a="1",b=~"2"}`. */
export const printMatchers = (matchers: readonly MatcherText[]): string => `{${matchers.map(printMatcher).join(",")}}`;

const TYPE_ORDER: Readonly<Record<MatchType, number>> = { "=": 0, "!=": 1, "=~": 2, "!~": 3 };

/** Sorts matchers by name, value and type, the order in which routes are printed. */
export const sortMatchers = (matchers: readonly Matcher[]): Matcher[] =>
  [...matchers].sort(
    (a, b) => order(a.name, b.name) || order(a.value, b.value) || TYPE_ORDER[a.type] - TYPE_ORDER[b.type],
  );

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
