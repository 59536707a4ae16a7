import { compilePattern, Matcher, type MatchType } from "@narthex/model";
import { type Expr, parseExpression, prettyPrint, type QueryFeatures, walk } from "@narthex/promql";
import { flagKinds, type Host } from "@narthex/runtime";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";

const queryOperand = { name: "query", required: true };
const nameOperand = { name: "name", required: true };
const MATCH_TYPES = ["=", "!=", "=~", "!~"] as const satisfies readonly MatchType[];

/** Parses a query, replaces the matchers of each selector by the result of `next`, and prints the query. */
function printChanged(
  host: Host,
  query: string,
  features: QueryFeatures,
  next: (matchers: readonly Matcher[]) => readonly Matcher[],
): Promise<number> {
  const parsed = parseExpression(query, features);
  if (!parsed.ok) {
    host.stderr(`${parsed.errors[0].toString()}\n`);
    return Promise.resolve(EXIT_FAILURE);
  }
  walk(parsed.expr, (expr: Expr) => {
    if (expr.kind !== "vectorSelector") return;
    const selector: { matchers: readonly Matcher[] } = expr;
    selector.matchers = next(selector.matchers);
  });
  host.stdout(`${prettyPrint(parsed.expr)}\n`);
  return Promise.resolve(EXIT_OK);
}

export const labelMatchersSet = promtoolCommand({
  name: "set",
  help: "Set a label matcher in the query.",
  flags: { type: flagKinds.choice("=", MATCH_TYPES, "Type of the label matcher to set.", { short: "t" }) },
  operands: [queryOperand, nameOperand, { name: "value", required: true }],
  run({ host, features, flags, operands: [query, name, value] }) {
    // As in promtool, an invalid regular expression in a matcher is no error, because the query is only printed.
    const matcher = new Matcher(flags.type, name!, value!, () => compilePattern(""));
    return printChanged(host, query!, features, (matchers) =>
      matchers.some((one) => one.name === name)
        ? matchers.map((one) => (one.name === name ? matcher : one))
        : [...matchers, matcher],
    );
  },
});

export const labelMatchersDelete = promtoolCommand({
  name: "delete",
  help: "Delete a label from the query.",
  flags: {},
  operands: [queryOperand, nameOperand],
  run: ({ host, features, operands: [query, name] }) =>
    printChanged(host, query!, features, (matchers) => matchers.filter((one) => one.name !== name)),
});
