import type { JsonObject } from "@narthex/dashboards";
import { HANDED_PANEL } from "./handed-panel-key.ts";

/** A panel that another page hands over to a dashboard, which shows it as an unsaved change. */
interface HandedPanel {
  /** Uid of the dashboard; empty for a new one. */
  readonly uid: string;
  readonly panel: JsonObject;
}

/** Time for which a panel waits for its dashboard, ms. */
const KEPT_MS = 60_000;

/** Stores a panel for the dashboard that this tab opens next. Throws if the browser does not store data. */
export const handPanel = (handed: HandedPanel, now: number): void =>
  sessionStorage.setItem(HANDED_PANEL, JSON.stringify({ ...handed, at: now }));

/** Returns the panel that was handed over to a dashboard, and forgets it. Undefined without such a panel. */
export function takeHandedPanel(uid: string, now: number): JsonObject | undefined {
  try {
    const handed = JSON.parse(sessionStorage.getItem(HANDED_PANEL) ?? "null") as
      | (HandedPanel & { readonly at: number })
      | null;
    if (handed === null) return undefined;
    const isOld = !(now - handed.at <= KEPT_MS);
    if (isOld || handed.uid === uid) sessionStorage.removeItem(HANDED_PANEL);
    return isOld || handed.uid !== uid ? undefined : handed.panel;
  } catch {
    return undefined;
  }
}
