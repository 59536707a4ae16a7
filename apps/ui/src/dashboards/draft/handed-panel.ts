import type { JsonObject } from "@narthex/dashboards";
import { HANDED_PANEL } from "./handed-panel-key.ts";

/** A panel that another page hands over to a dashboard, which shows it as an unsaved change. */
interface HandedPanel {
  /** Uid of the dashboard; empty for a new one. */
  readonly uid: string;
  readonly panel: JsonObject;
}

/** Stores a panel for the dashboard that this tab opens next. */
export const handPanel = (handed: HandedPanel): void => sessionStorage.setItem(HANDED_PANEL, JSON.stringify(handed));

/** Returns the panel that was handed over to a dashboard, and forgets it. Undefined without such a panel. */
export function takeHandedPanel(uid: string): JsonObject | undefined {
  try {
    const handed = JSON.parse(sessionStorage.getItem(HANDED_PANEL) ?? "null") as HandedPanel | null;
    if (handed?.uid !== uid) return undefined;
    sessionStorage.removeItem(HANDED_PANEL);
    return handed.panel;
  } catch {
    return undefined;
  }
}
