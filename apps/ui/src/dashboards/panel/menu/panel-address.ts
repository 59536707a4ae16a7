import { panelKey } from "@narthex/dashboards";

/**
 * Parameters of the address whose value is the key of a panel: the panel that is viewed alone, edited, inspected, or
 * made into an alert rule.
 */
export type PanelParameter = "viewPanel" | "editPanel" | "inspect" | "alertRule";

/**
 * Returns the key of a panel for its text in the address. `3` and `panel-3` name the same panel. Clones and panels of
 * repeated rows have longer keys.
 */
export function keyInAddress(text: string): string {
  return /^\d+$/.test(text) ? panelKey(Number(text)) : text;
}

/** Returns the panel key that a parameter contains; null if the parameter is missing. */
export function namedPanel(params: URLSearchParams, name: PanelParameter): string | null {
  const text = params.get(name) ?? "";
  return text === "" ? null : keyInAddress(text);
}

/** Returns the parameters with the one that names a panel. Other parameters do not change. */
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

/** Parameters of older addresses that name a panel: `fullscreen&panelId=3`, with `edit` for its editor. */
const OLD = ["fullscreen", "panelId", "edit"] as const;

/**
 * Converts the parameters of an older address to the current ones. Returns undefined if the address has no older
 * parameters.
 */
export function renewedAddress(params: URLSearchParams): URLSearchParams | undefined {
  const id = params.get("panelId");
  if (id === null || !(params.has("fullscreen") || params.has("edit"))) return undefined;
  const isEdited = params.has("edit") && params.get("edit") !== "false";
  return isEdited
    ? withPanel(without(params, ...OLD), "editPanel", id)
    : withPanel(without(params, ...OLD), "viewPanel", keyInAddress(id));
}
