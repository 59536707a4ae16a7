import { type MutableJson, numberOf, objectsAt } from "../../model/json.ts";
import { mappingsOf } from "../value-mappings.ts";

/**
 * Converts `valueMaps` and `rangeMaps`, in which single-value and table panels stored mappings, to the current form.
 */
export function oldMappingsOf(owner: Readonly<MutableJson>, thresholds?: MutableJson): MutableJson[] {
  const [values, ranges] = [objectsAt(owner, "valueMaps"), objectsAt(owner, "rangeMaps")];
  const wanted = numberOf(owner["mappingType"]);
  const type = wanted === 1 || wanted === 2 ? wanted : values.length > 0 ? 1 : 2;
  const maps = type === 1 ? values : ranges;
  return mappingsOf(
    maps.map((map) => {
      // Whether the range from "null" to "null" maps missing values.
      const isNull = type === 2 && map["from"] === "null" && map["to"] === "null";
      return isNull ? { type: 1, value: "null", text: map["text"] } : { ...map, type };
    }),
    thresholds,
  );
}
