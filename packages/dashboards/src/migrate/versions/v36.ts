import { type MutableJson, objectAt, objectsAt, ownValue, textAt } from "../../model/json.ts";
import { panelsOf } from "../../model/json-panels.ts";
import { type Migration, type MigrationContext, variablesOf } from "../migration.ts";
import { defaultSourceRef, sourceRefOf } from "../source-ref.ts";

/**
 * Replaces the data source names of annotations and variables by references. Annotations and variables without a data
 * source get a reference to the current default.
 */
export const toV36: Migration = {
  to: 36,
  migrate(dashboard, context) {
    const { findings, sources } = context;
    const fallback = defaultSourceRef(sources);
    objectsAt(objectAt(dashboard, "annotations") ?? {}, "list").forEach((query, i) => {
      if (typeof ownValue(query, "datasource") === "string")
        findings.change(
          `annotations.list[${i}].datasource`,
          "The name of the data source was replaced by a reference.",
        );
      const ref = sourceRefOf(ownValue(query, "datasource"), sources) ?? fallback;
      query["datasource"] = ref === undefined ? null : { ...ref };
    });
    for (const { variable, path } of variablesOf(dashboard)) {
      const named = ownValue(variable, "datasource");
      const ref = sourceRefOf(named, sources) ?? (variable["type"] === "query" ? fallback : undefined);
      if (ref === undefined) continue;
      variable["datasource"] = { ...ref };
      if (typeof named === "string")
        findings.change(`${path}.datasource`, "The name of the data source was replaced by a reference.");
    }
    for (const { panel } of panelsOf(dashboard)) nameSources(panel, context);
  },
};

/**
 * Gives references to data sources to a panel and its queries. A query without a data source gets its panel's. A panel
 * without a data source gets that of its queries, or the default.
 */
function nameSources(panel: MutableJson, { sources }: MigrationContext): void {
  const targets = objectsAt(panel, "targets");
  const fallback = defaultSourceRef(sources);
  if (targets.length === 0 || (fallback === undefined && objectAt(panel, "datasource") === undefined)) return;
  const wasDefault = objectAt(panel, "datasource") === undefined;
  if (wasDefault) panel["datasource"] = { ...fallback };
  for (const target of targets) {
    const own = objectAt(target, "datasource");
    const ofPanel = objectAt(panel, "datasource");
    if ((own === undefined || textAt(own, "uid") === "") && ofPanel?.["uid"] !== "-- Mixed --")
      target["datasource"] = { ...ofPanel };
    const ref = objectAt(target, "datasource");
    if (wasDefault && ref !== undefined && ref["uid"] !== "__expr__") panel["datasource"] = { ...ref };
  }
}
