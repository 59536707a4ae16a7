import type { AlertmanagerConfig } from "@narthex/alertmanager-config";
import type { AlertmanagerConfigManager, FoundAlertmanagerConfig } from "@narthex/discovery/alertmanager-configs";
import { family, type MetricFamily, sample } from "@narthex/exposition";
import { TimeSlice } from "@narthex/runtime";
import type { Context } from "../context.ts";
import {
  type AcceptedObject,
  type CheckedObject,
  checkedObject,
  type CheckObject,
  type KubernetesConfigStatus,
} from "./object-states.ts";

/** Maximum time in ms for which notifications wait for the first list of objects. */
const MAX_HOLD_MS = 30_000;

const STATES = ["accepted", "refused", "waiting"] as const;

/**
 * The AlertmanagerConfigs of Kubernetes that the configuration file selects (`kubernetes_alertmanager_configs`). The
 * client of Kubernetes is loaded only if the file selects some.
 */
export class KubernetesConfigs {
  readonly #context: Context;
  readonly #changed: () => void;
  #manager: AlertmanagerConfigManager | undefined;
  #isActive = false;
  /** The objects of the last complete list. Undefined before the first list. */
  #found: readonly FoundAlertmanagerConfig[] | undefined;
  #checked: ReadonlyMap<string, CheckedObject> = new Map();
  #holdUntil = 0;
  #isComplete = false;

  /** @param changed called when accepted() may return another result */
  constructor(context: Context, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
    context.metrics.addAlwaysShown(() => (this.#isActive ? stateFamilies(this.statuses) : []));
  }

  get statuses(): readonly KubernetesConfigStatus[] {
    return [...this.#checked.values()].map(({ status }) => status);
  }

  /**
   * Earliest time of a notification, Unix ms. Until the first list of objects is known, the routes of
   * the file would notify the wrong receivers.
   */
  get holdUntil(): number {
    return this.#isActive && !this.#isComplete ? this.#holdUntil : 0;
  }

  /** Replaces the entries of the file. */
  async apply(entries: AlertmanagerConfig["kubernetesConfigs"]): Promise<void> {
    const { clock, logger, build, metrics } = this.#context;
    if (entries.length > 0 && !this.#isActive) {
      this.#holdUntil = clock.now() + MAX_HOLD_MS;
      this.#isComplete = false;
    }
    this.#isActive = entries.length > 0;
    if (!this.#isActive) this.#found = [];
    if (this.#manager === undefined) {
      if (!this.#isActive) return;
      const kubernetes = await import("@narthex/discovery/alertmanager-configs");
      this.#found = undefined;
      this.#manager = new kubernetes.AlertmanagerConfigManager({
        clock,
        logger,
        metrics: kubernetes.kubernetesRequestMetrics(metrics),
        userAgent: `Alertmanager/${build.version}`,
        changed: this.#changed,
      });
    }
    this.#manager.apply(entries);
  }

  /** Checks all known objects. Resolves with the valid ones. Must not be called again before it has resolved. */
  async accepted(check: CheckObject): Promise<readonly AcceptedObject[]> {
    const listed = this.#isActive ? await this.#manager?.read() : [];
    this.#found = listed ?? this.#found;
    const slice = new TimeSlice(this.#context.clock);
    const checked = new Map<string, CheckedObject>();
    for (const found of this.#found ?? []) {
      const id = `${found.namespace}/${found.name}`;
      checked.set(id, await checkedObject(found, this.#checked.get(id), check));
      await slice.yieldToEventLoop();
    }
    this.#report(checked);
    this.#checked = checked;
    const isMissing = [...checked.values()].some(
      ({ status, accepted }) => status.state === "waiting" && accepted === undefined,
    );
    if (listed !== undefined && !isMissing) this.#isComplete = true;
    return [...checked.values()].flatMap(({ accepted }) => accepted ?? []);
  }

  stop(): void {
    this.#manager?.stop();
  }

  /** Logs each object that is refused or no longer refused, once. */
  #report(checked: ReadonlyMap<string, CheckedObject>): void {
    const { logger } = this.#context;
    for (const [id, { status }] of checked) {
      const before = this.#checked.get(id)?.status;
      if (status.state === "refused" && before?.error !== status.error)
        logger.warn("AlertmanagerConfig is refused", { object: id, err: status.error });
      else if (status.state !== "refused" && before?.state === "refused")
        logger.info("AlertmanagerConfig is no longer refused", { object: id });
    }
  }
}

const stateFamilies = (statuses: readonly KubernetesConfigStatus[]): readonly MetricFamily[] => [
  family(
    "gauge",
    "narthex_kubernetes_alertmanager_configs",
    "AlertmanagerConfigs of Kubernetes that are read, by result.",
    STATES.map((state) => sample(statuses.filter((status) => status.state === state).length, { state })),
  ),
];
