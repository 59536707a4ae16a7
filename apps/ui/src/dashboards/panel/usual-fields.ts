import type { FieldConfigSource, Panel } from "@narthex/dashboards";
import { panelKindOf } from "../panels/registry.ts";

/** Thresholds of fields without their own. */
const usualThresholds = {
  mode: "absolute",
  steps: [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ],
} as const;

/**
 * Returns a panel's field settings, with the defaults of its kind for missing colours and thresholds. Data without a
 * kind, such as that of a preview, gets no defaults.
 */
export function withUsualFields({ type, fieldConfig }: Pick<Panel, "type" | "fieldConfig">): FieldConfigSource {
  const kind = panelKindOf(type);
  if (kind === undefined) return fieldConfig;
  const color = { mode: kind.usualColor ?? "thresholds" };
  return { ...fieldConfig, defaults: { color, thresholds: usualThresholds, ...fieldConfig.defaults } };
}
