import { type AlertingConfig, type AlertmanagerConfig, alertmanagerIdentity } from "@narthex/config";
import { configuredSigner, createHttpClient, type HttpClient, type SelfMetrics } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import type { Labels } from "@narthex/model";
import type { DueAlert } from "../group.ts";
import {
  type AlertmanagerGroup,
  AlertmanagerSet,
  relabelNotices,
  type SenderSurroundings,
} from "./alertmanager-set.ts";
import { type Notice, noticeOf, withExternalLabels } from "./notice.ts";
import { notifierMetrics } from "./metrics.ts";
import type { Sender } from "./sender.ts";

export interface NotifierOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SelfMetrics;
  /** `Prometheus/<version>`. */
  readonly userAgent: string;
  /** `--alertmanager.notification-queue-capacity`. */
  readonly queueCapacity: number;
  /** `--alertmanager.notification-batch-size`. */
  readonly batchSize: number;
  /** `--alertmanager.drain-notification-queue-on-shutdown`. */
  readonly drainOnShutdown: boolean;
}

/** Name of the discovery set that feeds the Alertmanagers of entry `index`. */
export function alertmanagerSetName(index: number): string {
  return `config-${index}`;
}

/** Takes alerts from the rules to all Alertmanagers. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #around: SenderSurroundings;
  #sets: readonly AlertmanagerSet[] = [];
  #config: AlertingConfig = { alertRelabelConfigs: [], alertmanagers: [] };
  #externalLabels: Labels | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
    const measure = notifierMetrics(options.metrics, {
      senders: () => this.senders,
      capacity: options.queueCapacity,
    });
    const { clock, logger, userAgent, batchSize, queueCapacity: capacity } = options;
    this.#around = { clock, logger, userAgent, batchSize, capacity, observeLatency: measure };
  }

  get senders(): readonly Sender[] {
    return this.#sets.flatMap((set) => set.senders);
  }

  /** What `/api/v1/alertmanagers` shows. */
  get alertmanagers(): {
    readonly activeAlertmanagers: readonly { readonly url: string }[];
    readonly droppedAlertmanagers: readonly { readonly url: string }[];
  } {
    return {
      activeAlertmanagers: this.senders.map(({ url }) => ({ url })),
      droppedAlertmanagers: this.#sets.flatMap(({ dropped }) => dropped.map((url) => ({ url }))),
    };
  }

  /**
   * Takes a new configuration; sets whose entry did not change keep their queues. Follow it with `syncTargets` for the
   * others. Rejects when a client cannot be made (a certificate that cannot be read).
   */
  async update(config: AlertingConfig, externalLabels: Labels): Promise<void> {
    const next: AlertmanagerSet[] = [];
    const kept = new Set<AlertmanagerSet>();
    for (const [index, entry] of config.alertmanagers.entries()) {
      const before = this.#sets[index];
      if (before !== undefined && alertmanagerIdentity(before.config) === alertmanagerIdentity(entry)) {
        kept.add(before);
        next.push(before);
      } else {
        next.push(new AlertmanagerSet(entry, await this.#connect(entry), this.#around));
      }
    }
    const gone = this.#sets.filter((set) => !kept.has(set));
    this.#sets = next;
    this.#config = config;
    this.#externalLabels = externalLabels;
    for (const set of gone) void set.close(this.#options.drainOnShutdown);
  }

  #connect({ httpClient, sigv4 }: AlertmanagerConfig): Promise<HttpClient> {
    if (sigv4 === undefined) return createHttpClient(httpClient);
    const { clock } = this.#options;
    return createHttpClient(httpClient, { sign: configuredSigner(sigv4, { clock, env: process.env }) });
  }

  /** Takes what discovery found for one set (`config-0`, `config-1` …). */
  syncTargets(setName: string, groups: readonly AlertmanagerGroup[]): void {
    this.#sets[Number(setName.slice("config-".length))]?.sync(groups);
  }

  /** Sends alerts on their way; returns at once. */
  send(alerts: readonly DueAlert[]): void {
    const external = this.#externalLabels;
    let notices: readonly Notice[] = alerts.map(noticeOf);
    if (external !== undefined) {
      notices = notices.map((notice) => ({ ...notice, labels: withExternalLabels(notice.labels, external) }));
    }
    if (this.#config.alertRelabelConfigs.length > 0) {
      notices = relabelNotices(notices, this.#config.alertRelabelConfigs);
    }
    if (notices.length > 0) for (const set of this.#sets) set.send(notices);
  }

  /** Ends all lines, sending what is queued when so configured. */
  async stop(): Promise<void> {
    await Promise.all(this.#sets.map((set) => set.close(this.#options.drainOnShutdown)));
  }
}
