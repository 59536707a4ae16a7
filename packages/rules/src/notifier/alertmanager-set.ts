import type { AlertmanagerConfig } from "@narthex/config";
import { type Labels, relabel, trimLetters } from "@narthex/model";
import { type HttpClient, maskPassword } from "@narthex/http";
import { type PostableAlert } from "./postable-alert.ts";
import { AlertSender, type AlertSenderOptions } from "./alert-sender.ts";

/** Discovered addresses of Alertmanagers that have the same labels. */
export interface AlertmanagerGroup {
  readonly targets: readonly Labels[];
  readonly labels: Labels;
}

/** End of the URL to which alerts are sent. */
const ALERTS = "alerts";

/** Settings for sending alerts that are equal for all entries of `alerting.alertmanagers`. */
export type SenderContext = Pick<AlertSenderOptions, "capacity" | "batchSize" | "userAgent" | "clock" | "logger"> & {
  readonly observeLatency: (url: string, seconds: number) => void;
};

/** The Alertmanagers of one entry of `alerting.alertmanagers`. */
export class AlertmanagerSet {
  readonly config: AlertmanagerConfig;
  readonly #client: HttpClient;
  readonly #context: SenderContext;
  #senders = new Map<string, AlertSender>();
  #dropped: readonly string[] = [];

  constructor(config: AlertmanagerConfig, client: HttpClient, context: SenderContext) {
    this.config = config;
    this.#client = client;
    this.#context = context;
  }

  get senders(): readonly AlertSender[] {
    return [...this.#senders.values()];
  }

  /** URLs of discovered Alertmanagers that relabeling dropped. */
  get dropped(): readonly string[] {
    return this.#dropped;
  }

  /**
   * Applies newly discovered Alertmanagers. An Alertmanager that was known before keeps its queue. A removed
   * Alertmanager finishes the request in progress and drops its queue.
   */
  sync(groups: readonly AlertmanagerGroup[]): void {
    const { active, dropped } = alertmanagerUrls(groups, this.config);
    const next = new Map<string, AlertSender>();
    for (const url of active) next.set(url, this.#senders.get(url) ?? this.#makeSender(url));
    for (const [url, sender] of this.#senders) if (!next.has(url)) void sender.close(false);
    this.#senders = next;
    this.#dropped = dropped;
  }

  #makeSender(url: string): AlertSender {
    const { observeLatency, ...rest } = this.#context;
    return new AlertSender({
      ...rest,
      url,
      client: this.#client,
      timeoutMs: this.config.timeoutMs,
      observeLatency: (seconds) => observeLatency(maskPassword(url), seconds),
    });
  }

  /** Relabels alerts by the rules of the entry, and queues them for all of its Alertmanagers. */
  send(alerts: readonly PostableAlert[]): void {
    const rules = this.config.alertRelabelConfigs;
    const kept = rules.length === 0 ? alerts : relabelAlerts(alerts, rules);
    if (kept.length > 0) for (const sender of this.#senders.values()) sender.enqueue(kept);
  }

  /**
   * Requests data of one of the Alertmanagers, the first that answers. `path` is relative to `/api/v2/`. Returns
   * undefined if none of them answers. @param failures receives a sentence for each that does not answer
   */
  async read(path: string, signal: AbortSignal, maxBytes: number, failures: string[]): Promise<string | undefined> {
    for (const [url, sender] of this.#senders) {
      if (!url.endsWith(ALERTS)) continue;
      try {
        return await sender.read(path, signal, maxBytes);
      } catch (error) {
        failures.push(`${sender.url}: ${sender.readFailure(path, error)}`);
      }
    }
    return undefined;
  }

  /** Returns the labels with which the Alertmanagers would receive an alert; undefined if relabeling drops it. */
  relabeled(alert: PostableAlert): Labels | undefined {
    return relabelAlerts([alert], this.config.alertRelabelConfigs)[0]?.labels;
  }

  async close(drain: boolean): Promise<void> {
    await Promise.all(this.senders.map((sender) => sender.close(drain)));
    await this.#client.close();
  }
}

/** Applies relabeling rules to alerts. Omits alerts that a rule drops and alerts that lose all labels. */
export function relabelAlerts(alerts: readonly PostableAlert[], rules: Parameters<typeof relabel>[1]): PostableAlert[] {
  const kept: PostableAlert[] = [];
  for (const alert of alerts) {
    const labels = relabeledAlert(alert.labels, rules);
    if (labels !== undefined) kept.push(labels === alert.labels ? alert : { ...alert, labels });
  }
  return kept;
}

/** Returns the labels of an alert after relabeling; undefined if a rule drops the alert or it loses all labels. */
export function relabeledAlert(before: Labels, rules: Parameters<typeof relabel>[1]): Labels | undefined {
  const labels = relabel(before, rules);
  return labels === undefined || labels.size === 0 ? undefined : labels;
}

/** Returns the URLs for sending alerts to the discovered Alertmanagers, after relabeling and without duplicates. */
export function alertmanagerUrls(
  groups: readonly AlertmanagerGroup[],
  config: AlertmanagerConfig,
): { readonly active: readonly string[]; readonly dropped: readonly string[] } {
  const active = new Set<string>();
  const dropped = new Set<string>();
  const prefix = config.pathPrefix === "" ? "" : `/${trimLetters(config.pathPrefix, "/")}`;
  const path = `${prefix === "/" ? "" : prefix}/api/v2/alerts`;
  for (const group of groups) {
    for (const target of group.targets) {
      const before = group.labels.with(target).with({ __scheme__: config.scheme, __alerts_path__: path });
      const labels = relabel(before, config.relabelConfigs);
      const url = (from: Labels): string =>
        `${from.get("__scheme__")}://${from.get("__address__")}${from.get("__alerts_path__")}`;
      if (labels === undefined) dropped.add(maskPassword(url(before)));
      else if (labels.get("__address__") !== "") active.add(url(labels));
    }
  }
  return { active: [...active], dropped: [...dropped] };
}
