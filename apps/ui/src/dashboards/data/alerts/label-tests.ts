import { compileExpression } from "@narthex/dashboards";
import type { Matcher } from "../../../alertmanager/matcher-filter.ts";

/** Tests the value of a label. A missing label has the value "". */
export type ValueTest = (value: string) => boolean;

/**
 * Returns the function that tests values against a matcher; undefined if the matcher's regular expression is invalid.
 */
export function valueTest({ operator, value }: Omit<Matcher, "name">): ValueTest | undefined {
  const isNegated = operator.startsWith("!");
  if (!operator.endsWith("~")) return (given) => (given === value) !== isNegated;
  const pattern = compileExpression(`^(?:${value})$`);
  return pattern && ((given) => pattern.test(given) !== isNegated);
}
