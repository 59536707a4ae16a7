import type { QueryFeatures } from "@narthex/promql";

/**
 * The PromQL features without the experimental ones. Defined in this file, so that commands without expressions need
 * not load the parser.
 */
const LANGUAGE: QueryFeatures = {
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  experimentalFunctions: false,
  extendedRangeSelectors: false,
  binopFillModifiers: false,
  durationExpressions: true,
};

/** Names of features in promtool's `--enable-feature`, with the PromQL feature that each enables. */
const FEATURES: Readonly<Record<string, keyof QueryFeatures | undefined>> = {
  "promql-experimental-functions": "experimentalFunctions",
  "promql-delayed-name-removal": "delayedNameRemoval",
  "promql-extended-range-selectors": "extendedRangeSelectors",
  "promql-binop-fill-modifiers": "binopFillModifiers",
  // This feature is always enabled, so the name has no effect.
  "promql-duration-expr": undefined,
};

/** Parses the values of `--enable-feature`. Returns the features and the unknown names. */
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
