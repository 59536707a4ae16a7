import type { QueryFeatures } from "@narthex/promql";

/** The language without what is experimental; said here, so that commands without expressions do not load it. */
const LANGUAGE: QueryFeatures = {
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  experimentalFunctions: false,
  extendedRangeSelectors: false,
  binopFillModifiers: false,
  durationExpressions: true,
};

/** Names that promtool's `--enable-feature` knows, with what of the language each switches on. */
const FEATURES: Readonly<Record<string, keyof QueryFeatures | undefined>> = {
  "promql-experimental-functions": "experimentalFunctions",
  "promql-delayed-name-removal": "delayedNameRemoval",
  "promql-extended-range-selectors": "extendedRangeSelectors",
  "promql-binop-fill-modifiers": "binopFillModifiers",
  // Always on.
  "promql-duration-expr": undefined,
};

/** Reads the values of `--enable-feature`: the language, and the names that are not known. */
export function readFeatures(lists: readonly string[]): {
  readonly features: QueryFeatures;
  readonly unknown: readonly string[];
} {
  const names = lists.flatMap((list) => list.split(",")).filter((name) => name !== "");
  const on = names.flatMap((name) => (Object.hasOwn(FEATURES, name) ? (FEATURES[name] ?? []) : []));
  return {
    features: { ...LANGUAGE, ...Object.fromEntries(on.map((feature) => [feature, true])) },
    unknown: names.filter((name) => !Object.hasOwn(FEATURES, name)),
  };
}
