import type { NameValidation } from "@narthex/model";
import type { AlertmanagerConfig } from "./alerting.ts";
import { alertmanagerSection } from "./alerting-section.ts";
import type { LongTermStoreConfig } from "./long-term-store.ts";
import { longTermStoreSection } from "./long-term-store-section.ts";
import { decodeYaml } from "../decode/decode.ts";
import { printYaml } from "../yaml/print.ts";
import type { RemoteWriteConfig } from "./remote.ts";
import { remoteWriteSection } from "./remote-section.ts";
import { emptyMap, prometheusSections } from "./prometheus-section.ts";
import type { PrometheusConfig } from "./prometheus-config.ts";
import type { DiscoveryKind } from "./discovery-kinds.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import { scrapeSection } from "./scrape-section.ts";
import { withSecretsRevealed } from "../decode/secret.ts";

/**
 * The configuration in force as YAML: defaults filled in, durations canonical, secrets as `<secret>`. What
 * `/api/v1/status/config` shows.
 */
export function printPrometheusConfig(
  config: PrometheusConfig,
  kinds: readonly DiscoveryKind[] = [],
  jobDiscoveryKinds: readonly DiscoveryKind[] = [],
): string {
  const { file } = prometheusSections(emptyMap, "", { discoveryKinds: kinds, jobDiscoveryKinds }, () => undefined);
  return printYaml(file.encode(config));
}

/** One job as YAML; what `/api/v1/scrape_pools/config` shows. */
export function printScrapeConfig(
  job: ScrapeConfig,
  global: PrometheusConfig["global"],
  kinds: readonly DiscoveryKind[] = [],
): string {
  return printYaml(scrapeSection(global, { kinds, warn: () => undefined }).encode(job));
}

/** Equal texts mean equal configurations, secrets included; tells a reload what changed. Never show it. */
export const prometheusIdentity = (
  config: PrometheusConfig,
  kinds: readonly DiscoveryKind[] = [],
  jobDiscoveryKinds: readonly DiscoveryKind[] = [],
): string => withSecretsRevealed(() => printPrometheusConfig(config, kinds, jobDiscoveryKinds));

/** As prometheusIdentity, for one job without its targets: discovery reports those. */
export const scrapeIdentity = (job: ScrapeConfig, global: PrometheusConfig["global"]): string =>
  withSecretsRevealed(() => printScrapeConfig({ ...job, staticConfigs: [], discoveryConfigs: [] }, global));

/** One entry of `remote_write` as YAML. */
export const printRemoteWrite = (config: RemoteWriteConfig): string =>
  printYaml(remoteWriteSection("utf8").encode(config));

/** As prometheusIdentity, for one entry of `remote_write`: parseRemoteWrite() reads it again, on another thread for instance. */
export const remoteWriteIdentity = (config: RemoteWriteConfig): string =>
  withSecretsRevealed(() => printRemoteWrite(config));

/** Reads what remoteWriteIdentity() gave. */
export function parseRemoteWrite(text: string, scheme: NameValidation): RemoteWriteConfig {
  const loaded = decodeYaml(text, "remote_write", remoteWriteSection(scheme));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("; "));
  return loaded.value;
}

/** As prometheusIdentity, for one entry of `alerting.alertmanagers` without its targets: discovery reports those. */
export const alertmanagerIdentity = (config: AlertmanagerConfig): string =>
  withSecretsRevealed(() => {
    const section = alertmanagerSection({ kinds: [], warn: () => undefined });
    return printYaml(section.encode({ ...config, staticConfigs: [], discoveryConfigs: [] }));
  });

/** As prometheusIdentity, for what `long_term_store` says of reading. */
export const longTermStoreIdentity = (config: LongTermStoreConfig): string =>
  withSecretsRevealed(() => printYaml(longTermStoreSection("utf8").encode({ ...config, remoteWrite: undefined })));
