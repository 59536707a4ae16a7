import { type ApiResource, keepMeta, type ObjectMeta } from "./api-object.ts";

/** Namespaces lend their labels and annotations to what lies in them. */
export const namespaces: ApiResource<ObjectMeta> = {
  group: "/api/v1",
  plural: "namespaces",
  isNamespaced: false,
  metadataOnly: true,
  keep: keepMeta,
};
