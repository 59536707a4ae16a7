export {
  AlertmanagerConfigManager,
  type AlertmanagerConfigManagerOptions,
  type FoundAlertmanagerConfig,
} from "./alertmanager-config-manager.ts";
export type { ObjectSettings } from "./object-settings.ts";
export { kubernetesRequestMetrics } from "../metrics.ts";
