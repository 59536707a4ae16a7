import { compareBytewise, Matcher } from "@narthex/model";
import { matcherOf, type ReadQuery } from "./read-request.ts";

/**
 * Converts the matchers of a query for the data of this server, whose stored series do not have the external labels. A
 * matcher that requires the value of an external label becomes a matcher that requires the absence of the label.
 */
export function localMatchers({ matchers }: ReadQuery, external: readonly string[]): readonly Matcher[] {
  return matchers.map((written) => {
    const matcher = matcherOf(written);
    const isExternal = matcher.type === "=" && valueOf(external, matcher.name) === matcher.value;
    return isExternal ? new Matcher("=", matcher.name, "") : matcher;
  });
}

function valueOf(pairs: readonly string[], name: string): string {
  for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1]!;
  return "";
}

/**
 * Merges two label lists (names and values alternately), sorted by name. If both lists have a label, the value in the
 * first list is used.
 */
export function mergePairs(own: readonly string[], external: readonly string[]): readonly string[] {
  if (external.length === 0) return own;
  const merged: string[] = [];
  let [i, j] = [0, 0];
  while (i < own.length || j < external.length) {
    const order = i === own.length ? 1 : j === external.length ? -1 : compareBytewise(own[i]!, external[j]!);
    if (order <= 0) merged.push(own[i]!, own[i + 1]!);
    else merged.push(external[j]!, external[j + 1]!);
    if (order <= 0) i += 2;
    if (order >= 0) j += 2;
  }
  return merged;
}
