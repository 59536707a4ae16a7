import { isObject, listAt, type MutableJson, objectAt, textAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Replaces the transformation that formats times by a conversion of the field's type. */
export const toV43: Migration = {
  to: 43,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard)) {
      const transformations = listAt(panel, "transformations");
      if (!transformations.some(isFormatTime)) continue;
      panel["transformations"] = transformations.map((each) => (isFormatTime(each) ? conversionOf(each) : each));
      findings.change(`${path}.transformations`, "The time format was converted to a conversion of the field type.");
    }
  },
};

function isFormatTime(transformation: unknown): transformation is MutableJson {
  return isObject(transformation) && transformation["id"] === "formatTime";
}

function conversionOf(transformation: MutableJson): MutableJson {
  const options = objectAt(transformation, "options") ?? {};
  const names = { timeField: "targetField", outputFormat: "dateFormat", timezone: "timezone" };
  const conversion: MutableJson = { destinationType: "string" };
  for (const [old, now] of Object.entries(names))
    if (textAt(options, old) !== "") conversion[now] = textAt(options, old);
  return { ...transformation, id: "convertFieldType", options: { conversions: [conversion] } };
}
