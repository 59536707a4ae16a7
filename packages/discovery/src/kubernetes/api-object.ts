/** A kind of object: its names in the API, and the part of an object that is kept. */
export interface ApiResource<T> {
  /** Plural as in its URL, such as `pods`. */
  readonly plural: string;
  /** Path of the API group: `/api/v1`, `/apis/discovery.k8s.io/v1` … */
  readonly group: string;
  readonly isNamespaced: boolean;
  /** True if only `metadata` is needed. The server is then asked to omit the rest. */
  readonly metadataOnly?: boolean;
  keep(raw: RawObject): T;
}

/**
 * An object in an answer of the API;
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

/** The object that created another object and manages it. */
export interface Controller {
  readonly kind: string;
  readonly name: string;
}

/** The metadata of an object that discovery keeps. */
export interface ObjectMeta {
  readonly name: string;
  /** Namespace, or "" for kinds that belong to the whole cluster. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const NONE: Readonly<Record<string, string>> = {};

export function keepMeta({ metadata }: RawObject): ObjectMeta {
  const { name, namespace = "", labels, annotations } = metadata;
  return { name, namespace, labels: labels ?? NONE, annotations: annotations ?? NONE };
}

/** Returns the first owner that is marked as the controller. */
export function controllerOf({ metadata }: RawObject): Controller | undefined {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner === undefined ? undefined : { kind: owner.kind ?? "", name: owner.name ?? "" };
}

/** Returns `namespace/name`, or only the name for a kind of the whole cluster. */
export const keyOf = (namespace: string, name: string): string => (namespace === "" ? name : `${namespace}/${name}`);
