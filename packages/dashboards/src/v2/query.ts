import { type MutableJson, objectAt, textAt, withoutAbsent } from "../model/json.ts";

/** Value of a query's `kind` that does not name the plugin of the data source. */
const KIND = "DataQuery";

/**
 * Returns the data source of a query in Grafana's v2 form. In v2alpha1 the data source is in `datasource` next to the
 * query; from v2beta1 on it is in `query.group` and `query.datasource.name`. If the result is undefined, the query uses
 * the panel's data source or the default data source.
 */
export function sourceOfQuery(owner: Readonly<MutableJson>): MutableJson | undefined {
  const query = objectAt(owner, "query") ?? {};
  const kind = textAt(query, "kind");
  const ownSource = objectAt(owner, "datasource");
  const type = textAt(query, "group") || (kind === KIND ? "" : kind) || textAt(ownSource ?? {}, "type");
  const uid = textAt(objectAt(query, "datasource") ?? {}, "name") || textAt(ownSource ?? {}, "uid");
  if (type === "" && uid === "") return undefined;
  return withoutAbsent({ type: type || undefined, uid: uid || undefined });
}
