import type { Panel } from "../model/dashboard.ts";
import type { FieldConfigSource } from "../model/field-config.ts";
import { panelKindOf } from "../model/panel-kinds.ts";

/** Default thresholds, for a panel that defines none. */
const usualThresholds = {
  mode: "absolute",
  steps: [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ],
} as const;

/** Adds the default colours and thresholds of a panel's type to its field settings. Unknown types have no defaults. */
export function withUsualFields({ type, fieldConfig }: Pick<Panel, "type" | "fieldConfig">): FieldConfigSource {
  const kind = panelKindOf(type);
  if (kind === undefined) return fieldConfig;
  const color = { mode: kind.usualColor ?? "thresholds" };
  return { ...fieldConfig, defaults: { color, thresholds: usualThresholds, ...fieldConfig.defaults } };
}
