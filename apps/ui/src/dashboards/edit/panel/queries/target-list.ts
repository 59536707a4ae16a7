import type { DataSourceRef, JsonObject } from "@narthex/dashboards";
import { entriesAt, freeLetters, isJsonObject, textOf } from "../panel-edit.ts";

/** A query of a panel's JSON, with its index in the list. */
export interface TargetEntry {
  readonly at: number;
  readonly json: JsonObject;
  readonly refId: string;
}

/** Returns the queries of a panel's JSON. A query without a refId gets the one with which it is sent. */
export function targetsOf(source: JsonObject): readonly TargetEntry[] {
  const entries = entriesAt(source, ["targets"]);
  const taken = new Set(entries.map(({ json }) => textOf(json, "refId")));
  return entries.map(({ at, json }) => {
    let refId = textOf(json, "refId");
    if (refId === "") taken.add((refId = freeLetters(taken)));
    return { at, json, refId };
  });
}

/** Returns a refId that no query has. */
export const freeRefId = (targets: readonly TargetEntry[]): string =>
  freeLetters(new Set(targets.map(({ refId }) => refId)));

/** Returns the data source reference of a query or a panel: an object, or a name in old dashboards. */
export function refOf(json: JsonObject): DataSourceRef | undefined {
  const { datasource } = json;
  if (typeof datasource === "string") return { uid: datasource };
  if (!isJsonObject(datasource)) return undefined;
  const [type, uid] = [textOf(datasource, "type"), textOf(datasource, "uid")];
  return { ...(type === "" ? {} : { type }), ...(uid === "" ? {} : { uid }) };
}
