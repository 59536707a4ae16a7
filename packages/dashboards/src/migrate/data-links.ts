import { type MutableJson, objectAt, objectsAt, textAt } from "../model/json.ts";

/** Returns a panel's default field settings from `options.fieldOptions`, where old panels stored them. */
export function fieldDefaultsOf(panel: MutableJson): MutableJson | undefined {
  return objectAt(objectAt(objectAt(panel, "options") ?? {}, "fieldOptions") ?? {}, "defaults");
}

/**
 * Rewrites the addresses of a panel's data links in the places where graphs and single-value panels stored them.
 * Returns the number of changed addresses.
 */
export function rewriteLinks(panel: MutableJson, rewrite: (url: string) => string): number {
  const links = [
    ...objectsAt(objectAt(panel, "options") ?? {}, "dataLinks"),
    ...objectsAt(fieldDefaultsOf(panel) ?? {}, "links"),
  ];
  let count = 0;
  for (const link of links) {
    const url = textAt(link, "url");
    if (rewrite(url) === url) continue;
    link["url"] = rewrite(url);
    count++;
  }
  return count;
}
