import { compileExpression } from "@narthex/dashboards";
import type { Matcher } from "../../alertmanager/matcher-filter.ts";

/** Reports whether a matcher matches a value. The value of a missing label is "". */
export type ValueTest = (value: string) => boolean;

/** Returns the test of a matcher; undefined if its value is not a valid regular expression. */
export function valueTest({ operator, value }: Omit<Matcher, "name">): ValueTest | undefined {
  const isNegated = operator.startsWith("!");
  if (!operator.endsWith("~")) return (given) => (given === value) !== isNegated;
  const pattern = compileExpression(`^(?:${value})$`);
  return pattern && ((given) => pattern.test(given) !== isNegated);
}
