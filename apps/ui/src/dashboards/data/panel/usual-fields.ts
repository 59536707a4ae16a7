import { panelKindOf, type FieldConfigSource, type Panel } from "@narthex/dashboards";

/** Thresholds of fields whose settings contain none. */
const usualThresholds = {
  mode: "absolute",
  steps: [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ],
} as const;

/**
 * Returns a panel's field settings, completed with default colours and thresholds of the panel's kind. If the kind is
 * unknown, no defaults are added.
 */
export function withUsualFields({ type, fieldConfig }: Pick<Panel, "type" | "fieldConfig">): FieldConfigSource {
  const kind = panelKindOf(type);
  if (kind === undefined) return fieldConfig;
  const color = { mode: kind.usualColor ?? "thresholds" };
  return { ...fieldConfig, defaults: { color, thresholds: usualThresholds, ...fieldConfig.defaults } };
}
