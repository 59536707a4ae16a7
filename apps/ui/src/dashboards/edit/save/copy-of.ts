import { type JsonObject, patchDashboard } from "@narthex/dashboards";

/** Returns the JSON for a copy of a dashboard, without id, uid and version. */
export function copyOf(json: JsonObject, title: string, keepsTags = true): JsonObject {
  return patchDashboard(json, [
    { path: ["id"], value: null },
    { path: ["uid"], value: "" },
    { path: ["version"], value: 0 },
    { path: ["title"], value: title },
    ...(keepsTags ? [] : [{ path: ["tags"], value: [] }]),
  ]);
}
