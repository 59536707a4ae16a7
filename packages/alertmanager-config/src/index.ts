export { type AlertmanagerConfig, configSection } from "./alertmanager-config.ts";
export { mergedConfig, mergedPrintable } from "./kubernetes/merged-config.ts";
export { type ObjectConfig, objectChecker, type ObjectOutcome } from "./kubernetes/object-config.ts";
