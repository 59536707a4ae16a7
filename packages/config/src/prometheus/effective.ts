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
 * Returns the configuration in force as YAML: defaults filled in, durations in canonical form, secrets as `<secret>`.
 * Shown by `/api/v1/status/config`.
 */
export function printPrometheusConfig(
  config: PrometheusConfig,
  kinds: readonly DiscoveryKind[] = [],
  jobDiscoveryKinds: readonly DiscoveryKind[] = [],
): string {
  const { file } = prometheusSections(emptyMap, "", { discoveryKinds: kinds, jobDiscoveryKinds }, () => undefined);
  return printYaml(file.encode(config));
}

/** Returns one scrape job as YAML. Shown by `/api/v1/scrape_pools/config`. */
export function printScrapeConfig(
  job: ScrapeConfig,
  global: PrometheusConfig["global"],
  kinds: readonly DiscoveryKind[] = [],
): string {
  return printYaml(scrapeSection(global, { kinds, warn: () => undefined }).encode(job));
}

/**
 * Returns a text that is equal for equal settings of a job, including secrets. The job's targets are not part of the
 * text, because discovery reports changes of targets. The text contains secrets, so never show it.
 */
export const scrapeIdentity = (job: ScrapeConfig, global: PrometheusConfig["global"]): string =>
  withSecretsRevealed(() => printScrapeConfig({ ...job, staticConfigs: [], discoveryConfigs: [] }, global));

export const printRemoteWrite = (config: RemoteWriteConfig): string =>
  printYaml(remoteWriteSection("utf8").encode(config));

/**
 * Returns a text that is equal for equal settings of one `remote_write` entry, including secrets. parseRemoteWrite()
 * can read it, for example on another thread.
 */
export const remoteWriteIdentity = (config: RemoteWriteConfig): string =>
  withSecretsRevealed(() => printRemoteWrite(config));

/** Reads the output of remoteWriteIdentity(). */
export function parseRemoteWrite(text: string, scheme: NameValidation): RemoteWriteConfig {
  const loaded = decodeYaml(text, "remote_write", remoteWriteSection(scheme));
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("; "));
  return loaded.value;
}

/**
 * Returns a text that is equal for equal settings of one `alerting.alertmanagers` entry, including secrets. The targets
 * are not part of the text, because discovery reports changes of targets. The text contains secrets, so never show it.
 */
export const alertmanagerIdentity = (config: AlertmanagerConfig): string =>
  withSecretsRevealed(() => {
    const section = alertmanagerSection({ kinds: [], warn: () => undefined });
    return printYaml(section.encode({ ...config, staticConfigs: [], discoveryConfigs: [] }));
  });

/** Returns a text that is equal for equal settings for reading from `long_term_store`, including secrets. */
export const longTermStoreIdentity = (config: LongTermStoreConfig): string =>
  withSecretsRevealed(() => printYaml(longTermStoreSection("utf8").encode({ ...config, remoteWrite: undefined })));
