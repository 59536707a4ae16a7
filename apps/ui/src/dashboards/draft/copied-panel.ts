import type { JsonObject } from "@narthex/dashboards";
import { readStored, writeStored } from "../../shell/preferences.ts";

const KEY = "dashboards.copiedPanel";
const none: JsonObject = {};

/** Stores a panel's JSON, so that it can be pasted into any dashboard in this browser. */
export const copyPanel = (panel: JsonObject): void => writeStored(KEY, panel);

/** Returns the panel that was copied last; undefined before the first copy. */
export function copiedPanel(): JsonObject | undefined {
  const panel = readStored<JsonObject>(KEY, none);
  return Object.keys(panel).length === 0 ? undefined : panel;
}
