import type { JsonObject } from "@narthex/dashboards";
import { readStored, writeStored } from "../../../shell/preferences.ts";

const KEY = "dashboards.copiedPanel";
const none: JsonObject = {};

/** Remembers a panel's JSON, to be put into this or another dashboard of this browser. */
export const copyPanel = (panel: JsonObject): void => writeStored(KEY, panel);

/** The panel that was copied last; undefined where none was. */
export function copiedPanel(): JsonObject | undefined {
  const panel = readStored<JsonObject>(KEY, none);
  return Object.keys(panel).length === 0 ? undefined : panel;
}
