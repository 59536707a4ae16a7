import { type Matcher, METRIC_NAME } from "@narthex/model";
import { selectorsOf } from "../expression/nodes.ts";
import type { RuleCheck } from "../rule-check.ts";

export const plainPattern: RuleCheck = {
  name: "plain-pattern",
  severity: "info",
  help: "A regular expression of a matcher is not needed, has anchors that matchers always have, or matches every value.",
  check({ spec }, _context, report) {
    for (const { selector } of selectorsOf(spec.expr)) {
      for (const matcher of selector.matchers) {
        const advice = matcher.type === "=~" || matcher.type === "!~" ? adviceFor(matcher) : undefined;
        if (advice !== undefined)
          report({ part: "expr", node: selector }, `${matcher.toString()} ${advice.message}`, advice.remedy);
      }
    }
  },
};

const META = /[\\^$.|?*+()[\]{}]/;

function adviceFor({ name, type, value }: Matcher): { readonly message: string; readonly remedy: string } | undefined {
  if (name === METRIC_NAME) return undefined;
  const plain = type === "=~" ? "=" : "!=";
  if (!META.test(value))
    return { message: "does not need a regular expression", remedy: `write ${name}${plain}${JSON.stringify(value)}` };
  if (value.startsWith("^") || (value.endsWith("$") && !value.endsWith("\\$")))
    return { message: "has anchors, which matchers have anyway", remedy: "remove ^ and $" };
  if (type === "=~" && value === ".*") return { message: "matches every series", remedy: "remove the matcher" };
  return undefined;
}
