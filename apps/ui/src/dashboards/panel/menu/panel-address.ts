import { panelKey } from "@narthex/dashboards";

/** URL parameters whose value is a panel key: view alone, edit, inspect, or create an alert rule. */
export type PanelParameter = "viewPanel" | "editPanel" | "inspect" | "alertRule";

/**
 * Converts a panel reference in a URL to a panel key: both `3` and `panel-3` mean the key `panel-3`. Clones and panels
 * of repeated rows have longer keys.
 */
export function keyInAddress(text: string): string {
  return /^\d+$/.test(text) ? panelKey(Number(text)) : text;
}

/** Returns the panel key that a parameter contains; null if the parameter is missing. */
export function namedPanel(params: URLSearchParams, name: PanelParameter): string | null {
  const text = params.get(name) ?? "";
  return text === "" ? null : keyInAddress(text);
}

/** Sets a URL parameter to a panel key. Other parameters are kept. */
export function withPanel(params: URLSearchParams, name: PanelParameter, key: string): URLSearchParams {
  const next = new URLSearchParams(params);
  next.set(name, key);
  return next;
}

export function without(params: URLSearchParams, ...names: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of names) next.delete(name);
  return next;
}

/** Old URL parameters for a panel: `fullscreen&panelId=3`, with `edit` for the editor. */
const OLD = ["fullscreen", "panelId", "edit"] as const;

/** Converts old URL parameters to current ones. Returns undefined if no parameter is old. */
export function renewedAddress(params: URLSearchParams): URLSearchParams | undefined {
  const id = params.get("panelId");
  if (id === null || !(params.has("fullscreen") || params.has("edit"))) return undefined;
  const isEdited = params.has("edit") && params.get("edit") !== "false";
  return isEdited
    ? withPanel(without(params, ...OLD), "editPanel", id)
    : withPanel(without(params, ...OLD), "viewPanel", keyInAddress(id));
}
