import { panelKey } from "@narthex/dashboards";

/** Parameters that name one panel: viewed alone, edited, inspected, or made into an alert rule. */
export type PanelParameter = "viewPanel" | "editPanel" | "inspect" | "alertRule";

/**
 * Returns the key of a panel in an address: `3` and `panel-3` are the same. Clones and panels of repeated rows have
 * longer keys.
 */
export function keyInAddress(text: string): string {
  return /^\d+$/.test(text) ? panelKey(Number(text)) : text;
}

/** Returns the key in a parameter; null if there is none. */
export function namedPanel(params: URLSearchParams, name: PanelParameter): string | null {
  const text = params.get(name) ?? "";
  return text === "" ? null : keyInAddress(text);
}

/** Sets the parameter that names a panel; others stay. */
export function withPanel(params: URLSearchParams, name: PanelParameter, key: string): URLSearchParams {
  const next = new URLSearchParams(params);
  next.set(name, key);
  return next;
}

/** Returns the parameters without the given ones. */
export function without(params: URLSearchParams, ...names: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of names) next.delete(name);
  return next;
}

/** Old parameters that name a panel: `fullscreen&panelId=3`, and `edit` for its editor. */
const OLD = ["fullscreen", "panelId", "edit"] as const;

/** Converts an old address to the current parameters; undefined if it has no old ones. */
export function renewedAddress(params: URLSearchParams): URLSearchParams | undefined {
  const id = params.get("panelId");
  if (id === null || !(params.has("fullscreen") || params.has("edit"))) return undefined;
  const isEdited = params.has("edit") && params.get("edit") !== "false";
  return isEdited
    ? withPanel(without(params, ...OLD), "editPanel", id)
    : withPanel(without(params, ...OLD), "viewPanel", keyInAddress(id));
}
