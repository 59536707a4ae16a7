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

/** A panel's settings of fields, with what its kind has where they say nothing of colours and thresholds. */
export function withUsualFields({ type, fieldConfig }: Pick<Panel, "type" | "fieldConfig">): FieldConfigSource {
  const color = { mode: panelKindOf(type)?.usualColor ?? "thresholds" };
  return { ...fieldConfig, defaults: { color, thresholds: usualThresholds, ...fieldConfig.defaults } };
}
