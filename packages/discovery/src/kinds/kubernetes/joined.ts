import type { ObjectMeta } from "./api-object.ts";
import { addLabelsAndAnnotations, addObjectMeta, type LabelDraft } from "./meta-labels.ts";
import type { OwnedObject } from "./metadata-resources.ts";
import type { Pod } from "./pod.ts";
import type { AttachMetadata } from "./section.ts";
import type { Service } from "./service.ts";

/** Kinds of Kubernetes objects whose labels are added to targets of other kinds, such as the node of a pod. */
export interface JoinedKinds {
  readonly node: ObjectMeta;
  readonly namespace: ObjectMeta;
  readonly service: Service;
  readonly pod: Pod;
  readonly replicaset: OwnedObject;
  readonly job: OwnedObject;
}

export type JoinedKind = keyof JoinedKinds;

/** Looks up related Kubernetes objects, such as the node of a pod. Kinds that are not watched have no objects. */
export interface Joined {
  readonly attach: AttachMetadata;
  find<K extends JoinedKind>(kind: K, key: string): JoinedKinds[K] | undefined;
}

/**
 * Adds the name, labels and annotations of a node to a target, if attach_metadata includes nodes and the node is known.
 */
export function addNode(draft: LabelDraft, joined: Joined, name: string | undefined): void {
  if (!joined.attach.node || name === undefined) return;
  const node = joined.find("node", name);
  if (node !== undefined) addObjectMeta(draft, "node", node);
}

/**
 * Adds the labels and annotations of a namespace to a target, if attach_metadata includes namespaces and the namespace
 * is known.
 */
export function addNamespace(draft: LabelDraft, joined: Joined, name: string): void {
  if (!joined.attach.namespace) return;
  const namespace = joined.find("namespace", name);
  if (namespace !== undefined) addLabelsAndAnnotations(draft, "namespace", namespace);
}
