export { type ApiObject, KubernetesApi } from "../kubernetes/testing/kubernetes-api.ts";
export { ProviderRun } from "./provider-run.ts";
