import type { ObjectMeta } from "./api-object.ts";
import { addLabelsAndAnnotations, addObjectMeta, type LabelDraft } from "./meta-labels.ts";
import type { OwnedObject } from "./metadata-resources.ts";
import type { Pod } from "./pod.ts";
import type { AttachMetadata } from "./section.ts";
import type { Service } from "./service.ts";

/** Kinds whose labels are added to targets of other kinds. */
export interface JoinedKinds {
  readonly node: ObjectMeta;
  readonly namespace: ObjectMeta;
  readonly service: Service;
  readonly pod: Pod;
  readonly replicaset: OwnedObject;
  readonly job: OwnedObject;
}

export type JoinedKind = keyof JoinedKinds;

/** Related objects whose labels are added to the targets of an object. Kinds that are not watched have no objects. */
export interface Joined {
  readonly attach: AttachMetadata;
  find<K extends JoinedKind>(kind: K, key: string): JoinedKinds[K] | undefined;
}

/** Adds name, labels and annotations of a node, if attach_metadata includes nodes and the node is known. */
export function addNode(draft: LabelDraft, joined: Joined, name: string | undefined): void {
  if (!joined.attach.node || name === undefined) return;
  const node = joined.find("node", name);
  if (node !== undefined) addObjectMeta(draft, "node", node);
}

/** Adds labels and annotations of a namespace, if attach_metadata includes namespaces and the namespace is known. */
export function addNamespace(draft: LabelDraft, joined: Joined, name: string): void {
  if (!joined.attach.namespace) return;
  const namespace = joined.find("namespace", name);
  if (namespace !== undefined) addLabelsAndAnnotations(draft, "namespace", namespace);
}
