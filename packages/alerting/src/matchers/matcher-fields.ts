import { type Codec, INVALID, isNull, listOf, mapOf, type Report, text } from "@narthex/config";
import { isLegacyLabelName, type Matcher, PatternError, quote } from "@narthex/model";
import { type MatcherMode, parseMatchers, printMatcher, sortMatchers } from "./matcher-syntax.ts";
import { alertMatcher, anchoredMessage, MatcherError } from "./matcher-text.ts";

/** Returns the codec of a `matchers` list in the configuration, whose strings may each contain several matchers. */
export function matcherList(mode: MatcherMode, warn: (message: string) => void): Codec<readonly Matcher[]> {
  const one: Codec<readonly Matcher[]> = {
    goType: "string",
    decode(node, context) {
      const source = text.decode(node, context);
      if (source === INVALID) return INVALID;
      try {
        const { matchers, warning } = parseMatchers(source, mode);
        if (warning !== undefined) warn(warning);
        return matchers;
      } catch (error) {
        if (!(error instanceof MatcherError)) throw error;
        context.report(node, "bad-matcher", error.message, 'write matchers such as severity="page" or team=~"a|b"');
        return INVALID;
      }
    },
    encode: (matchers) => matchers.map(printMatcher).join(","),
    isZero: (matchers) => matchers.length === 0,
  };
  const lists = listOf(one, { goType: "[]string" });
  return {
    goType: "[]string",
    decode(node, context) {
      const decoded = lists.decode(node, context);
      return decoded === INVALID ? INVALID : decoded.flat();
    },
    encode: (matchers) => ({ items: sortMatchers(matchers).map(printMatcher) }),
    isZero: (matchers) => matchers.length === 0,
  };
}

/** Codec of the older fields `match`, `source_match` and `target_match`: label name to value. */
export const matchTexts = mapOf(text, "map[string]string");

/**
 * Codec of the older fields `match_re`, `source_match_re` and `target_match_re`: label name to regular expression. An
 * empty expression (`name:`) is ignored.
 */
export const matchPatterns = mapOf<string>(
  {
    ...text,
    decode(node, context) {
      if (!isNull(node)) return text.decode(node, context);
      const name = context.field.slice(context.field.lastIndexOf(".") + 1);
      context.report(
        node,
        "bad-pattern",
        `invalid regexp value for ${quote(name)}`,
        `write "" for an empty expression`,
      );
      return INVALID;
    },
  },
  "config.MatchRegexps",
);

/**
 * Returns the matchers of a rule's older fields `match` and `match_re`. Label names must have the classic form, without
 * UTF-8 characters.
 */
export function fromMaps(
  equal: ReadonlyMap<string, string>,
  pattern: ReadonlyMap<string, string>,
  at: Parameters<Report>[0],
  report: Report,
): Matcher[] {
  const out: Matcher[] = [];
  for (const [type, texts] of [
    ["=", equal],
    ["=~", pattern],
  ] as const) {
    for (const [name, value] of texts) {
      if (!isLegacyLabelName(name)) {
        report(at, "bad-label-name", `invalid label name "${name}"`, "use letters, digits and underscores");
        continue;
      }
      try {
        out.push(alertMatcher(type, name, value));
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        report(at, "bad-pattern", anchoredMessage(error, value), "correct the expression");
      }
    }
  }
  return out;
}
