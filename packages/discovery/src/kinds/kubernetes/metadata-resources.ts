import { type ApiResource, type Controller, controllerOf, keepMeta, type ObjectMeta } from "./api-object.ts";

/** Kubernetes namespaces. Their labels and annotations can be added to the targets in them. */
export const namespaces: ApiResource<ObjectMeta> = {
  group: "/api/v1",
  plural: "namespaces",
  isNamespaced: false,
  metadataOnly: true,
  keep: keepMeta,
};

export interface OwnedObject {
  readonly controller: Controller | undefined;
}

const owned = (group: string, plural: string): ApiResource<OwnedObject> => ({
  group,
  plural,
  isNamespaced: true,
  metadataOnly: true,
  keep: (raw) => ({ controller: controllerOf(raw) }),
});

/** Replica sets, which are needed to find the deployment of a pod. */
export const replicaSets: ApiResource<OwnedObject> = owned("/apis/apps/v1", "replicasets");

/** Jobs, which are needed to find the cron job of a pod. */
export const jobs: ApiResource<OwnedObject> = owned("/apis/batch/v1", "jobs");
