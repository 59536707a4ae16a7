import { type MutableJson, objectAt, textAt, withoutAbsent } from "../model/json.ts";

/** The generic kind of a query, which does not name the plugin. */
const KIND = "DataQuery";

/**
 * Returns the source of a query: `datasource` next to the query in v2alpha1, `query.group` and `query.datasource.name`
 * from v2beta1 on. Undefined: the panel's, or the default.
 */
export function sourceOfQuery(owner: Readonly<MutableJson>): MutableJson | undefined {
  const query = objectAt(owner, "query") ?? {};
  const kind = textAt(query, "kind");
  const beside = objectAt(owner, "datasource");
  const type = textAt(query, "group") || (kind === KIND ? "" : kind) || textAt(beside ?? {}, "type");
  const uid = textAt(objectAt(query, "datasource") ?? {}, "name") || textAt(beside ?? {}, "uid");
  if (type === "" && uid === "") return undefined;
  return withoutAbsent({ type: type || undefined, uid: uid || undefined });
}
