import type { ObjectMeta } from "./api-object.ts";

/** Labels of a target or target group that is being built. */
export type LabelDraft = Map<string, string>;

export const META = "__meta_kubernetes_";
export const NAMESPACE = `${META}namespace`;

/**
 * Maximum number of cached label names. Label names are made from keys of labels and annotations, which many objects
 * share.
 */
const MAX_KNOWN_NAMES = 20_000;
const known = new Map<string, Map<string, string>>();

/** Returns the label name `<prefix><key>`, with `_` for each character that label names do not allow. */
export function metaName(prefix: string, key: string): string {
  let names = known.get(prefix);
  if (names === undefined) known.set(prefix, (names = new Map()));
  let name = names.get(key);
  if (name === undefined) {
    if (names.size >= MAX_KNOWN_NAMES) names.clear();
    names.set(key, (name = META + prefix + key.replaceAll(/[^a-zA-Z0-9_]/gu, "_")));
  }
  return name;
}

/**
 * Adds the labels and annotations of a Kubernetes object as meta labels. For each, also adds a `…present_…` label with
 * the value `true`.
 */
export function addLabelsAndAnnotations(draft: LabelDraft, kind: string, meta: ObjectMeta): void {
  for (const [key, value] of Object.entries(meta.labels)) {
    draft.set(metaName(`${kind}_label_`, key), value);
    draft.set(metaName(`${kind}_labelpresent_`, key), "true");
  }
  for (const [key, value] of Object.entries(meta.annotations)) {
    draft.set(metaName(`${kind}_annotation_`, key), value);
    draft.set(metaName(`${kind}_annotationpresent_`, key), "true");
  }
}

export function addObjectMeta(draft: LabelDraft, kind: string, meta: ObjectMeta): void {
  draft.set(`${META}${kind}_name`, meta.name);
  addLabelsAndAnnotations(draft, kind, meta);
}
