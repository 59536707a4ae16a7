import { type MutableJson, numberOf, objectsAt } from "../../model/json.ts";
import { mappingsOf } from "../value-mappings.ts";

/**
 * Converts mappings of values or ranges, as single values, table columns and others stored them, to the present form.
 */
export function oldMappingsOf(owner: Readonly<MutableJson>, thresholds?: MutableJson): MutableJson[] {
  const [values, ranges] = [objectsAt(owner, "valueMaps"), objectsAt(owner, "rangeMaps")];
  const wanted = numberOf(owner["mappingType"]);
  const type = wanted === 1 || wanted === 2 ? wanted : values.length > 0 ? 1 : 2;
  const maps = type === 1 ? values : ranges;
  return mappingsOf(
    maps.map((map) => {
      // A range from null to null meant a missing value.
      const isNull = type === 2 && map["from"] === "null" && map["to"] === "null";
      return isNull ? { type: 1, value: "null", text: map["text"] } : { ...map, type };
    }),
    thresholds,
  );
}
