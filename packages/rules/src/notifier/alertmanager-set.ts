import type { AlertmanagerConfig } from "@narthex/config";
import { type Labels, relabel } from "@narthex/model";
import type { HttpClient } from "@narthex/http";
import { type Notice } from "./notice.ts";
import { Sender, type SenderOptions } from "./sender.ts";

/** A group of targets as discovery yields them. */
export interface AlertmanagerGroup {
  readonly targets: readonly Labels[];
  readonly labels: Labels;
}

/** What a set's senders share besides the set's own settings. */
export type SenderSurroundings = Pick<SenderOptions, "capacity" | "batchSize" | "userAgent" | "clock" | "logger"> & {
  readonly observeLatency: (url: string, seconds: number) => void;
};

/** The Alertmanagers of one entry of `alerting.alertmanagers`. */
export class AlertmanagerSet {
  readonly config: AlertmanagerConfig;
  readonly #client: HttpClient;
  readonly #around: SenderSurroundings;
  #senders = new Map<string, Sender>();
  #dropped: readonly string[] = [];

  constructor(config: AlertmanagerConfig, client: HttpClient, around: SenderSurroundings) {
    this.config = config;
    this.#client = client;
    this.#around = around;
  }

  get senders(): readonly Sender[] {
    return [...this.#senders.values()];
  }

  /** Push URLs of Alertmanagers that relabeling took out. */
  get dropped(): readonly string[] {
    return this.#dropped;
  }

  /** Takes what discovery found: those that stay keep their queue, those that are gone send what they have and end. */
  sync(groups: readonly AlertmanagerGroup[]): void {
    const { active, dropped } = alertmanagerUrls(groups, this.config);
    const next = new Map<string, Sender>();
    for (const url of active) next.set(url, this.#senders.get(url) ?? this.#makeSender(url));
    for (const [url, sender] of this.#senders) if (!next.has(url)) void sender.close(false);
    this.#senders = next;
    this.#dropped = dropped;
  }

  #makeSender(url: string): Sender {
    const { observeLatency, ...rest } = this.#around;
    return new Sender({
      ...rest,
      url,
      client: this.#client,
      timeoutMs: this.config.timeoutMs,
      observeLatency: (seconds) => observeLatency(url, seconds),
    });
  }

  /** Hands notices to every Alertmanager of the set, after the set's own relabeling. */
  send(notices: readonly Notice[]): void {
    const rules = this.config.alertRelabelConfigs;
    const kept = rules.length === 0 ? notices : relabelNotices(notices, rules);
    if (kept.length > 0) for (const sender of this.#senders.values()) sender.enqueue(kept);
  }

  async close(drain: boolean): Promise<void> {
    await Promise.all(this.senders.map((sender) => sender.close(drain)));
    await this.#client.close();
  }
}

/** Applies rules to notices; those that are dropped, or lose all labels, are left out. */
export function relabelNotices(notices: readonly Notice[], rules: Parameters<typeof relabel>[1]): Notice[] {
  const kept: Notice[] = [];
  for (const notice of notices) {
    const labels = relabel(notice.labels, rules);
    if (labels !== undefined && labels.size > 0) kept.push(labels === notice.labels ? notice : { ...notice, labels });
  }
  return kept;
}

/** Push URLs of a set's Alertmanagers after relabeling, without repeats. */
export function alertmanagerUrls(
  groups: readonly AlertmanagerGroup[],
  config: AlertmanagerConfig,
): { readonly active: readonly string[]; readonly dropped: readonly string[] } {
  const active = new Set<string>();
  const dropped = new Set<string>();
  const prefix = config.pathPrefix === "" ? "" : `/${config.pathPrefix.replace(/^\/+|\/+$/g, "")}`;
  const path = `${prefix === "/" ? "" : prefix}/api/v2/alerts`;
  for (const group of groups) {
    for (const target of group.targets) {
      const before = group.labels.with(target).with({ __scheme__: config.scheme, __alerts_path__: path });
      const labels = relabel(before, config.relabelConfigs);
      const url = (from: Labels): string =>
        `${from.get("__scheme__")}://${from.get("__address__")}${from.get("__alerts_path__")}`;
      if (labels === undefined) dropped.add(url(before));
      else if (labels.get("__address__") !== "") active.add(url(labels));
    }
  }
  return { active: [...active], dropped: [...dropped] };
}
