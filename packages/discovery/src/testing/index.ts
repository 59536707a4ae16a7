export { ProviderRun } from "./provider-run.ts";
