import { ApiError, invalidParameter } from "@narthex/http";
import type { Matcher } from "@narthex/model";
import { parseSelectors } from "@narthex/promql";

/** The selectors of `match[]`, each with at least one matcher that an absent label fails (unless `all` may be meant). */
export function selectorsOf(values: URLSearchParams, prefixed = false, all = false): readonly (readonly Matcher[])[] {
  const refuse = (problem: string): ApiError =>
    prefixed ? invalidParameter("match[]", problem) : new ApiError("bad_data", problem);
  const parsed = parseSelectors(values.getAll("match[]"));
  if (!parsed.ok) throw refuse(parsed.errors[0].toString());
  if (!all && parsed.selectors.some((matchers) => matchers.every((matcher) => matcher.matchesEmpty)))
    throw refuse("match[] must contain at least one non-empty matcher");
  return parsed.selectors;
}
