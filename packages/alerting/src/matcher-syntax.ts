import { Matcher, type MatchType, PatternError, quote } from "@narthex/model";
import { parseClassic } from "./classic-matchers.ts";
import { MatcherError, type MatcherText } from "./matcher-text.ts";
import { parseUtf8 } from "./utf8-matchers.ts";

/** How matchers are read: both syntaxes with a preference for the old one, or one of them alone. */
export type MatcherMode = "classic" | "fallback" | "utf8";

/** Parsed matchers, and the sentence to log where the two syntaxes part. */
export interface ParsedMatchers {
  readonly matchers: readonly Matcher[];
  readonly warning: string | undefined;
}

/** Parses a list such as `{foo="bar", baz=~"q.*"}`. Throws MatcherError. */
export function parseMatchers(input: string, mode: MatcherMode = "fallback"): ParsedMatchers {
  switch (mode) {
    case "classic":
      return { matchers: compile(parseClassic(input)), warning: undefined };
    case "utf8":
      return { matchers: compile(parseUtf8(input)), warning: undefined };
    case "fallback":
      return parseBoth(input);
  }
}

/** Parses exactly one matcher, without braces around it. Throws MatcherError. */
export function parseMatcher(input: string, mode: MatcherMode = "fallback"): Matcher {
  if (input.startsWith("{") || input.endsWith("}")) {
    throw new MatcherError(`unexpected open or close brace: ${input}`);
  }
  const { matchers } = parseMatchers(input, mode);
  if (matchers.length === 0) throw new MatcherError("no matchers");
  if (matchers.length > 1) throw new MatcherError(`expected 1 matcher, found ${matchers.length}`);
  return matchers[0]!;
}

type Attempt = readonly MatcherText[] | MatcherError;

function attempt(parse: () => readonly MatcherText[]): Attempt {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MatcherError) return error;
    throw error;
  }
}

function parseBoth(input: string): ParsedMatchers {
  const utf8 = attempt(() => parseUtf8(input));
  const classic = attempt(() => parseClassic(input));
  if (classic instanceof MatcherError) {
    if (utf8 instanceof MatcherError) throw classic;
    return { matchers: compile(utf8), warning: undefined };
  }
  if (utf8 instanceof MatcherError) {
    const suggestion = classic.map(printMatcher).join(",");
    const warning =
      "Alertmanager is moving to a new parser for labels and matchers, and this input is incompatible. Write it as " +
      `${suggestion} before a later version refuses it (input: ${input})`;
    return { matchers: compile(classic), warning };
  }
  if (classic.map(printMatcher).join() === utf8.map(printMatcher).join()) {
    return { matchers: compile(utf8), warning: undefined };
  }
  return { matchers: compile(classic), warning: `Matchers input has disagreement (input: ${input})` };
}

function compile(texts: readonly MatcherText[]): Matcher[] {
  return texts.map(({ name, type, value }) => {
    try {
      return new Matcher(type, name, value);
    } catch (cause) {
      if (!(cause instanceof PatternError)) throw cause;
      throw new MatcherError(`failed to create matcher: ${anchoredMessage(cause, value)}`, { cause });
    }
  });
}

/** A pattern's fault with the anchors that upstream puts around it. */
export const anchoredMessage = (error: PatternError, source: string): string =>
  error.message.replace(`\`${source}\``, () => `\`^(?:${source})$\``);

const RESERVED = /[\s{}!=~,\\"'`]/;

/** `name="value"`, as upstream prints a matcher. */
export function printMatcher({ name, type, value }: MatcherText): string {
  if (RESERVED.test(name)) return `${quote(name)}${type}${quote(value)}`;
  return `${name}${type}"${value.replace(/[\\\n"]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`))}"`;
}

/** `{a="1",b=~"2"}`. */
export const printMatchers = (matchers: readonly MatcherText[]): string => `{${matchers.map(printMatcher).join(",")}}`;

const TYPE_ORDER: Readonly<Record<MatchType, number>> = { "=": 0, "!=": 1, "=~": 2, "!~": 3 };

/** By name, value and type: the order in which routes print them. */
export const sortMatchers = (matchers: readonly Matcher[]): Matcher[] =>
  [...matchers].sort(
    (a, b) => order(a.name, b.name) || order(a.value, b.value) || TYPE_ORDER[a.type] - TYPE_ORDER[b.type],
  );

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
