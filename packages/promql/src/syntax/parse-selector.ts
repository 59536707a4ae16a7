import { Labels, Matcher, type MatchType, METRIC_NAME, PatternError } from "@narthex/model";
import type { VectorSelector } from "./ast.ts";
import { unquote } from "./string-literal.ts";
import { METRIC_NAME_TOKENS, type Token, type TokenType } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

const MATCH_OPERATORS: ReadonlySet<TokenType> = new Set<TokenType>(["=", "!=", "=~", "!~"]);

/** Parses an instant selector without modifiers: `name`, `name{…}` or `{…}`. */
export function parseVectorSelector(stream: TokenStream): VectorSelector {
  const first = stream.peek();
  const { start } = first;
  let name = "";
  if (METRIC_NAME_TOKENS.has(first.type)) name = stream.take().text;
  else if (first.type !== "{") stream.unexpected();
  const matchers = name === "" || stream.peek().type === "{" ? parseMatchers(stream) : [];
  if (name !== "") matchers.push(new Matcher("=", METRIC_NAME, name));
  return {
    kind: "vectorSelector",
    name,
    matchers,
    offsetMs: 0,
    offsetExpr: null,
    at: null,
    anchored: false,
    smoothed: false,
    position: { start, end: stream.last.end },
  };
}

/** Parses the items between braces, which are separated by commas. A comma at the end is allowed. */
function parseBraces(stream: TokenStream, context: string, item: () => void): void {
  stream.expect("{");
  if (stream.accept("}") !== undefined) return;
  for (;;) {
    item();
    if (stream.accept("}") !== undefined) return;
    if (stream.accept(",") === undefined) stream.unexpected(context, '"," or "}"');
    if (stream.accept("}") !== undefined) return;
  }
}

/**
 * Parses a label name in a selector, which may be quoted. A quoted text without an operator after it is a metric name.
 */
function parseLabelName(stream: TokenStream, context: string): { token: Token; name: string } {
  const token = stream.peek();
  if (token.type === "identifier") return { token: stream.take(), name: token.text };
  if (token.type === "string") return { token: stream.take(), name: unquote(token.text) };
  return stream.unexpected(context, 'identifier or "}"');
}

function parseMatchers(stream: TokenStream): Matcher[] {
  const matchers: Matcher[] = [];
  parseBraces(stream, "label matching", () => {
    const { token, name } = parseLabelName(stream, "label matching");
    stream.charge(token, stream.budget.takeMatcher());
    const operator = stream.peek();
    if (!MATCH_OPERATORS.has(operator.type)) {
      if (token.type !== "string") stream.unexpected("label matching", "label matching operator");
      matchers.push(new Matcher("=", METRIC_NAME, name));
      return;
    }
    stream.take();
    if (stream.peek().type !== "string") stream.unexpected("label matching", "string");
    const value = stream.take();
    const text = unquote(value.text);
    if (operator.type === "=~" || operator.type === "!~") stream.charge(value, stream.budget.takePattern(text));
    try {
      matchers.push(new Matcher(operator.type as MatchType, name, text));
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      stream.report({ start: token.start, end: value.end }, error.message);
    }
  });
  return matchers;
}

/** Parses the labels of one series: `name{label="value", …}`. */
export function parseLabelSet(stream: TokenStream): Labels {
  const entries: [string, string][] = [];
  const outer = METRIC_NAME_TOKENS.has(stream.peek().type) ? stream.take().text : undefined;
  if (stream.peek().type === "{") {
    parseBraces(stream, "label set", () => {
      const { token, name } = parseLabelName(stream, "label set");
      if (stream.peek().type !== "=") {
        if (token.type !== "string") stream.unexpected("label set", '"="');
        entries.push([METRIC_NAME, name]);
        return;
      }
      stream.take();
      if (stream.peek().type !== "string") stream.unexpected("label set", "string");
      entries.push([name, unquote(stream.take().text)]);
    });
  }
  if (outer !== undefined) entries.push([METRIC_NAME, outer]);
  return Labels.of(entries);
}
