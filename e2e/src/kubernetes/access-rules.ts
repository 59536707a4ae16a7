import type { ClusterObject } from "./cluster-object.ts";

export interface AccessRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** A permission of the Kubernetes API, such as `list endpointslices.discovery.k8s.io` or `get /metrics`. */
export type Access = string;

const accessTo = (verb: string, resource: string, group: string): Access =>
  `${verb} ${resource}${group === "" ? "" : `.${group}`}`;

/** Returns all permissions that the Role and ClusterRole objects grant, sorted. */
export const granted = (objects: readonly ClusterObject[]): Access[] =>
  sorted(
    objects
      .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
      .flatMap((role) => role["rules"] as readonly AccessRule[])
      .flatMap(({ apiGroups = [], resources = [], nonResourceURLs = [], verbs }) =>
        verbs.flatMap((verb) => [
          ...apiGroups.flatMap((group) => resources.map((resource) => accessTo(verb, resource, group))),
          ...nonResourceURLs.map((url) => `${verb} ${url}`),
        ]),
      ),
  );

/** Returns the permission that a list or watch request to the Kubernetes API needs. */
export function accessOf({ path, resource, isWatch }: { path: string; resource: string; isWatch: boolean }): Access {
  const group = /^\/apis\/([^/]+)\//.exec(path)?.[1] ?? "";
  return accessTo(isWatch ? "watch" : "list", resource, group);
}

export const sorted = (list: Iterable<Access>): Access[] => [...new Set(list)].toSorted();
