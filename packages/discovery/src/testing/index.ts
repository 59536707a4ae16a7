export { everyReceiver, valueOfKey } from "../kinds/kubernetes/alertmanager-configs/testing/every-receiver.ts";
export { settingsOf } from "../kinds/kubernetes/alertmanager-configs/testing/settings-of.ts";
export { type ApiObject, KubernetesApi } from "../kinds/kubernetes/testing/kubernetes-api.ts";
export { instance, instancesXml, zonesXml } from "./ec2-answers.ts";
export { DiscovererRun } from "./discoverer-run.ts";
export { ServedApi } from "./served-api.ts";
export type { ServedAnswer, ServedKind, ServedPlace, ServedRequest } from "./served-kind.ts";
export { servedKinds } from "./served-kinds.ts";
