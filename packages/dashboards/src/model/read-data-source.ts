import type { DataSourceRef } from "./dashboard.ts";
import { isObject, ownValue } from "./json.ts";
import type { JsonSection } from "./json-section.ts";

/**
 * Reads the reference to a data source from `datasource`. In dashboards before schema 33, this is the source's name,
 * which becomes the `uid`.
 */
export function readDataSource(section: JsonSection): DataSourceRef | undefined {
  const value = ownValue(section.json, "datasource");
  if (typeof value === "string") return value === "" ? undefined : { uid: value };
  if (!isObject(value)) {
    section.textIfAny("datasource");
    return undefined;
  }
  const ref = section.section("datasource");
  const [type, uid] = [ref.textIfAny("type"), ref.textIfAny("uid")];
  if (type === undefined && uid === undefined) return undefined;
  return { ...(type !== undefined && { type }), ...(uid !== undefined && { uid }) };
}
