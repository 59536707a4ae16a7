import { compileExpression } from "@narthex/dashboards";
import type { Matcher } from "../../alertmanager/matcher-filter.ts";

/** Says whether a value is one that a matcher asks for; of a label that is not there the value is empty. */
export type ValueTest = (value: string) => boolean;

/** The test of a matcher; undefined where its value is no expression that can be matched. */
export function valueTest({ operator, value }: Omit<Matcher, "name">): ValueTest | undefined {
  const isNegated = operator.startsWith("!");
  if (!operator.endsWith("~")) return (given) => (given === value) !== isNegated;
  const pattern = compileExpression(`^(?:${value})$`);
  return pattern && ((given) => pattern.test(given) !== isNegated);
}
