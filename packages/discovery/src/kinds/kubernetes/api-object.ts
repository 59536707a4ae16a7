/** A kind of Kubernetes object: its name in API paths, and the fields that discovery keeps. */
export interface ApiResource<T> {
  /** Plural name of the kind in API paths, such as `pods`. */
  readonly plural: string;
  /** Path of the API group: `/api/v1`, `/apis/discovery.k8s.io/v1` … */
  readonly group: string;
  readonly isNamespaced: boolean;
  /** Whether discovery needs only `metadata`. The API server is then asked to omit all other fields. */
  readonly metadataOnly?: boolean;
  keep(raw: RawObject): T;
}

/**
 * A Kubernetes object in an answer of the API;
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export interface RawObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>> | null;
    readonly annotations?: Readonly<Record<string, string>> | null;
    readonly ownerReferences?:
      | readonly { readonly kind?: string; readonly name?: string; readonly controller?: boolean }[]
      | null;
  };
}

/** The Kubernetes object that created and manages another object, such as the ReplicaSet of a pod. */
export interface Controller {
  readonly kind: string;
  readonly name: string;
}

export interface ObjectMeta {
  readonly name: string;
  /** Namespace of the object, or "" for kinds of objects that have no namespace. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const NONE: Readonly<Record<string, string>> = {};

export function keepMeta({ metadata }: RawObject): ObjectMeta {
  const { name, namespace = "", labels, annotations } = metadata;
  return { name, namespace, labels: labels ?? NONE, annotations: annotations ?? NONE };
}

/** Returns the owner of a Kubernetes object that is marked as its controller. */
export function controllerOf({ metadata }: RawObject): Controller | undefined {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner === undefined ? undefined : { kind: owner.kind ?? "", name: owner.name ?? "" };
}

/** Returns `namespace/name`, or only the name for kinds of objects that have no namespace. */
export const keyOf = (namespace: string, name: string): string => (namespace === "" ? name : `${namespace}/${name}`);
