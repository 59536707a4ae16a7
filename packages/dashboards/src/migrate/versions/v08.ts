import { type MutableJson, objectsAt, ownValue } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import type { Migration } from "../migration.ts";

/** Replaces the text fields of InfluxDB queries by a structured selection. */
export const toV8: Migration = {
  to: 8,
  migrate(dashboard, { findings }) {
    for (const { panel, path } of panelsOf(dashboard))
      objectsAt(panel, "targets").forEach((target, i) => {
        if (!Array.isArray(target["fields"]) || !target["tags"] || !Array.isArray(target["groupBy"])) return;
        if (ownValue(target, "rawQuery")) delete target["fields"];
        else selectFields(target);
        delete target["fill"];
        findings.change(`${path}.targets[${i}]`, "The fields of the InfluxDB query were converted to a selection.");
      });
  },
};

function selectFields(target: MutableJson): void {
  target["select"] = objectsAt(target, "fields").map((field) => [
    { type: "field", params: [field["name"]] },
    { type: field["func"], params: [] },
    ...(field["mathExpr"] ? [{ type: "math", params: [field["mathExpr"]] }] : []),
    ...(field["asExpr"] ? [{ type: "alias", params: [field["asExpr"]] }] : []),
  ]);
  delete target["fields"];
  const groups = objectsAt(target, "groupBy");
  for (const group of groups) {
    const key = group["type"] === "time" ? "interval" : "key";
    if (!ownValue(group, key)) continue;
    group["params"] = [group[key]];
    delete group[key];
  }
  target["groupBy"] = target["fill"] ? [...groups, { type: "fill", params: [target["fill"]] }] : groups;
}
