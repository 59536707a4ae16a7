import { type AlertingConfig, type AlertmanagerConfig, alertmanagerIdentity } from "@narthex/config";
import { configuredSigner, createHttpClient, type HttpClient, type SelfMetrics } from "@narthex/http";
import type { Clock, Logger, PreparedChange } from "@narthex/runtime";
import type { Labels } from "@narthex/model";
import type { DueAlert } from "../group.ts";
import { type AlertmanagerGroup, AlertmanagerSet, relabelAlerts, type SenderContext } from "./alertmanager-set.ts";
import { type PostableAlert, postableAlert, withExternalLabels } from "./postable-alert.ts";
import { notifierMetrics } from "./metrics.ts";
import type { AlertSender } from "./alert-sender.ts";

export interface NotifierOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SelfMetrics;
  /** Value of the User-Agent header: `Prometheus/<version>`. */
  readonly userAgent: string;
  /** Value of `--alertmanager.notification-queue-capacity`. */
  readonly queueCapacity: number;
  /** Value of `--alertmanager.notification-batch-size`. */
  readonly batchSize: number;
  /** Value of `--alertmanager.drain-notification-queue-on-shutdown`. */
  readonly drainOnShutdown: boolean;
}

/** Returns the name under which discovery reports the Alertmanagers of entry number `index`. */
export function alertmanagerSetName(index: number): string {
  return `config-${index}`;
}

/** Sends the rules' alerts to all configured Alertmanagers. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #context: SenderContext;
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
    this.#context = { clock, logger, userAgent, batchSize, capacity, observeLatency: measure };
  }

  get senders(): readonly AlertSender[] {
    return this.#sets.flatMap((set) => set.senders);
  }

  /**
   * Requests data of the first Alertmanager that answers. `path` is relative to `/api/v2/`. Rejects with the failures of
   * all Alertmanagers, or if there is no Alertmanager.
   */
  async read(path: string, signal: AbortSignal, maxBytes: number): Promise<string> {
    const failures: string[] = [];
    for (const set of this.#sets) {
      const text = await set.read(path, signal, maxBytes, failures);
      if (text !== undefined) return text;
    }
    throw new Error(failures.length === 0 ? "the server has no Alertmanager" : failures.join("; "));
  }

  /** Data of the response of `/api/v1/alertmanagers`. */
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
   * Creates the HTTP clients for a new configuration. Entries that have not changed keep their queues. After apply(),
   * the caller must call `syncTargets` for changed entries. Rejects if a client cannot be created, for example because
   * a certificate cannot be read.
   */
  async prepare(config: AlertingConfig, externalLabels: Labels): Promise<PreparedChange> {
    const next: AlertmanagerSet[] = [];
    const made: AlertmanagerSet[] = [];
    const discard = async (): Promise<void> => void (await Promise.all(made.map((set) => set.close(false))));
    try {
      for (const [index, entry] of config.alertmanagers.entries()) {
        const before = this.#sets[index];
        if (before !== undefined && alertmanagerIdentity(before.config) === alertmanagerIdentity(entry)) {
          next.push(before);
          continue;
        }
        const set = new AlertmanagerSet(entry, await this.#connect(entry), this.#context);
        next.push(set);
        made.push(set);
      }
    } catch (error) {
      await discard();
      throw error;
    }
    return {
      apply: () => {
        const gone = this.#sets.filter((set) => !next.includes(set));
        this.#sets = next;
        this.#config = config;
        this.#externalLabels = externalLabels;
        for (const set of gone) void set.close(this.#options.drainOnShutdown);
      },
      discard,
    };
  }

  #connect({ httpClient, sigv4 }: AlertmanagerConfig): Promise<HttpClient> {
    const { clock, logger, metrics } = this.#options;
    const dials = metrics.dialers.of("alertmanager");
    if (sigv4 === undefined) return createHttpClient(httpClient, { dials, logger });
    return createHttpClient(httpClient, { dials, logger, sign: configuredSigner(sigv4, { clock, env: process.env }) });
  }

  /** Applies the discovered Alertmanagers of one configured entry (`config-0`, `config-1` …). */
  syncTargets(setName: string, groups: readonly AlertmanagerGroup[]): void {
    this.#sets[Number(setName.slice("config-".length))]?.sync(groups);
  }

  /** Adds alerts to the queues of all Alertmanagers, without waiting for requests. */
  send(dueAlerts: readonly DueAlert[]): void {
    const alerts = this.#relabeled(dueAlerts.map(postableAlert));
    if (alerts.length > 0) for (const set of this.#sets) set.send(alerts);
  }

  /**
   * Returns the Alertmanagers with the labels that an alert would have there: with external labels, and after
   * relabeling. Without labels, the Alertmanager would not receive the alert.
   */
  destinations(of: Labels): readonly { readonly sender: AlertSender; readonly labels: Labels | undefined }[] {
    const alert = {
      labels: of,
      annotations: new Map(),
      startsAtMs: 0,
      endsAtMs: 0,
      isResolved: false,
      generatorUrl: "",
    };
    const [posted] = this.#relabeled([alert]);
    return this.#sets.flatMap((set) => {
      const labels = posted === undefined ? undefined : set.relabeled(posted);
      return set.senders.map((sender) => ({ sender, labels }));
    });
  }

  /** Returns the label sets that an alert has at the Alertmanagers. None if relabeling drops the alert everywhere. */
  sentLabels(of: Labels): readonly Labels[] {
    const all = this.destinations(of).flatMap(({ labels }) => (labels === undefined ? [] : [labels]));
    return [...new Map(all.map((labels) => [labels.key, labels])).values()];
  }

  #relabeled(posted: readonly PostableAlert[]): readonly PostableAlert[] {
    const external = this.#externalLabels;
    const alerts =
      external === undefined
        ? posted
        : posted.map((alert) => ({ ...alert, labels: withExternalLabels(alert.labels, external) }));
    const { alertRelabelConfigs } = this.#config;
    return alertRelabelConfigs.length > 0 ? relabelAlerts(alerts, alertRelabelConfigs) : alerts;
  }

  /** Stops sending to all Alertmanagers. If configured, sends the queued alerts first. */
  async stop(): Promise<void> {
    await Promise.all(this.#sets.map((set) => set.close(this.#options.drainOnShutdown)));
  }
}
