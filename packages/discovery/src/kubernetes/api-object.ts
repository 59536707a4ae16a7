/** What an object's kind is called in the API, and what of an object is kept. */
export interface ApiResource<T> {
  /** `pods`, as in its URL. */
  readonly plural: string;
  /** `/api/v1`, `/apis/discovery.k8s.io/v1` … */
  readonly group: string;
  readonly isNamespaced: boolean;
  /** Only `metadata` is needed: the server is asked to leave out the rest. */
  readonly metadataOnly?: boolean;
  keep(raw: RawObject): T;
}

/** An object as the API gives it; https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
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

/** The object that made another one and looks after it. */
export interface Controller {
  readonly kind: string;
  readonly name: string;
}

/** What discovery keeps of every object's metadata. */
export interface ObjectMeta {
  readonly name: string;
  /** "" for kinds that belong to the whole cluster. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const NONE: Readonly<Record<string, string>> = {};

export function keepMeta({ metadata }: RawObject): ObjectMeta {
  const { name, namespace = "", labels, annotations } = metadata;
  return { name, namespace, labels: labels ?? NONE, annotations: annotations ?? NONE };
}

/** The first owner that is marked as the controller. */
export function controllerOf({ metadata }: RawObject): Controller | undefined {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner === undefined ? undefined : { kind: owner.kind ?? "", name: owner.name ?? "" };
}

/** `namespace/name`, or the name alone for a kind of the whole cluster. */
export const keyOf = (namespace: string, name: string): string => (namespace === "" ? name : `${namespace}/${name}`);
