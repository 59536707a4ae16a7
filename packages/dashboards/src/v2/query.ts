import { type MutableJson, objectAt, textAt, withoutAbsent } from "../model/json.ts";

/** Kind of a query that does not name its plugin. */
const KIND = "DataQuery";

/**
 * Returns the source of a query. In v2alpha1 the source is in `datasource` next to the query; from v2beta1 on it is in
 * `query.group` and `query.datasource.name`. If undefined, the query uses the panel's source or the default source.
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
