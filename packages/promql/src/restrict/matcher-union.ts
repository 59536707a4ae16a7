import { literalPattern, Matcher } from "@narthex/model";

/**
 * Returns matchers that accept exactly the series that any of the alternatives accepts. Possible only if the
 * alternatives differ in one label with `=` or `=~`: the union of `{team="a"}` and `{team="b"}` is `{team=~"a|b"}`.
 * Returns undefined for all other alternatives, and without alternatives.
 */
export function unionOfMatchers(alternatives: readonly (readonly Matcher[])[]): readonly Matcher[] | undefined {
  const distinct = [...new Map(alternatives.map((matchers) => [keyOf(matchers), matchers])).values()];
  const [first, ...others] = distinct;
  if (first === undefined || others.length === 0) return first;
  const common = first.filter((matcher) => others.every((matchers) => contains(matchers, matcher)));
  const rests = distinct.map((matchers) => matchers.filter((matcher) => !contains(common, matcher)));
  // Returns only the common matchers if an alternative has no further matchers, because it accepts the series of all
  // other alternatives.
  if (rests.some(({ length }) => length === 0)) return common;
  const single = rests.flatMap((rest) => (rest.length === 1 ? rest : []));
  const [one] = single;
  const isOneLabel = single.every(({ name, type }) => name === one!.name && (type === "=" || type === "=~"));
  if (single.length < rests.length || !isOneLabel) return undefined;
  return [...common, new Matcher("=~", one!.name, single.map(patternOf).join("|"))];
}

const keyOf = (matchers: readonly Matcher[]): string => [...new Set(matchers.map(String))].toSorted().join(",");

const contains = (matchers: readonly Matcher[], { name, type, value }: Matcher): boolean =>
  matchers.some((one) => one.name === name && one.type === type && one.value === value);

const patternOf = ({ type, value }: Matcher): string => (type === "=" ? literalPattern(value) : `(?:${value})`);
