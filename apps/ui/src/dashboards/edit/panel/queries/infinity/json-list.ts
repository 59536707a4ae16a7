import type { JsonObject } from "@narthex/dashboards";
import { isJsonObject } from "../../panel-edit.ts";

/** Returns the objects in a list of JSON. Other entries are left out. */
export const objectsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly unknown[]).filter(isJsonObject) : [];
