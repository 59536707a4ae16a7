import { panelKey } from "@narthex/dashboards";

/** Parameters that name one panel: shown alone, edited, looked into, made an alert rule of. */
export type PanelParameter = "viewPanel" | "editPanel" | "inspect" | "alertRule";

/** The key of a panel as an address names it: `3` and `panel-3` are the same; clones and panels of repeated rows have longer ones. */
export function keyInAddress(text: string): string {
  return /^\d+$/.test(text) ? panelKey(Number(text)) : text;
}

/** The key that a parameter names; null where there is none. */
export function namedPanel(params: URLSearchParams, name: PanelParameter): string | null {
  const text = params.get(name) ?? "";
  return text === "" ? null : keyInAddress(text);
}

/** Parameters with a panel named, others left alone. */
export function withPanel(params: URLSearchParams, name: PanelParameter, key: string): URLSearchParams {
  const next = new URLSearchParams(params);
  next.set(name, key);
  return next;
}

/** Parameters without those given. */
export function without(params: URLSearchParams, ...names: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const name of names) next.delete(name);
  return next;
}

/** How addresses of old dashboards name a panel: `fullscreen&panelId=3`, with `edit` in its editor. */
const OLD = ["fullscreen", "panelId", "edit"] as const;

/** An old address in today's words; undefined where it is none. */
export function renewedAddress(params: URLSearchParams): URLSearchParams | undefined {
  const id = params.get("panelId");
  if (id === null || !(params.has("fullscreen") || params.has("edit"))) return undefined;
  const isEdited = params.has("edit") && params.get("edit") !== "false";
  return isEdited
    ? withPanel(without(params, ...OLD), "editPanel", id)
    : withPanel(without(params, ...OLD), "viewPanel", keyInAddress(id));
}
