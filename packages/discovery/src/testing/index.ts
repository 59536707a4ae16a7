export { everyReceiver, valueOfKey } from "../kubernetes/alertmanager-configs/testing/every-receiver.ts";
export { settingsOf } from "../kubernetes/alertmanager-configs/testing/settings-of.ts";
export { type ApiObject, KubernetesApi } from "../kubernetes/testing/kubernetes-api.ts";
export { instance, instancesXml, zonesXml } from "./ec2-answers.ts";
export { DiscovererRun } from "./discoverer-run.ts";
