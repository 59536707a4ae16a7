import type { DataSourceRef, JsonObject } from "@narthex/dashboards";
import { entriesAt, freeLetters, isJsonObject, textOf } from "../panel-edit.ts";

/** A query in a panel's JSON, with its index in the list of queries. */
export interface TargetEntry {
  readonly at: number;
  readonly json: JsonObject;
  readonly refId: string;
}

/**
 * Returns the queries in a panel's JSON. A query without a refId gets the next unused letter, which is also sent to the
 * server.
 */
export function targetsOf(source: JsonObject): readonly TargetEntry[] {
  const entries = entriesAt(source, ["targets"]);
  const taken = new Set(entries.map(({ json }) => textOf(json, "refId")));
  return entries.map(({ at, json }) => {
    let refId = textOf(json, "refId");
    if (refId === "") taken.add((refId = freeLetters(taken)));
    return { at, json, refId };
  });
}

/** Returns the first letter that is not yet the refId of a query. */
export const freeRefId = (targets: readonly TargetEntry[]): string =>
  freeLetters(new Set(targets.map(({ refId }) => refId)));

/**
 * Returns the data source reference in the JSON of a query or a panel. In old dashboards, the reference is the name of
 * the data source.
 */
export function refOf(json: JsonObject): DataSourceRef | undefined {
  const { datasource } = json;
  if (typeof datasource === "string") return { uid: datasource };
  if (!isJsonObject(datasource)) return undefined;
  const [type, uid] = [textOf(datasource, "type"), textOf(datasource, "uid")];
  return { ...(type === "" ? {} : { type }), ...(uid === "" ? {} : { uid }) };
}
