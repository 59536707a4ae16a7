import type { FieldConfigSource, Panel } from "@narthex/dashboards";
import { panelKindOf } from "../panels/registry.ts";

/** What fields have that say nothing of thresholds. */
const usualThresholds = {
  mode: "absolute",
  steps: [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ],
} as const;

/**
 * A panel's settings of fields, with what its kind has where they say nothing of colours and thresholds. What is of no kind
 * yet, as the data of a preview, stays open to any.
 */
export function withUsualFields({ type, fieldConfig }: Pick<Panel, "type" | "fieldConfig">): FieldConfigSource {
  const kind = panelKindOf(type);
  if (kind === undefined) return fieldConfig;
  const color = { mode: kind.usualColor ?? "thresholds" };
  return { ...fieldConfig, defaults: { color, thresholds: usualThresholds, ...fieldConfig.defaults } };
}
