export { type AlertmanagerConfig, configSection } from "./alertmanager-config.ts";
