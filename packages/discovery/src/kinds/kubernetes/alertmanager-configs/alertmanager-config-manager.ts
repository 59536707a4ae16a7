import { createHttpClient, type Dialers, type HttpClientOptions } from "@narthex/http";
import { type Clock, type Logger, TimeSlice } from "@narthex/runtime";
import type { DiscoveryContext } from "../../../discoverer.ts";
import { UpdateThrottle } from "../../../update-throttle.ts";
import type { KubernetesRequestMetrics } from "../metrics.ts";
import { type CustomKind, ObjectSource, type SelectedObject } from "../custom-objects/object-source.ts";
import { RunningSelections } from "../custom-objects/running-selections.ts";
import { SpecError } from "../custom-objects/spec-error.ts";
import { type ObjectSettings, objectSettings } from "./object-settings.ts";
import { type AlertmanagerConfigSelection, alertmanagerConfigSelection } from "./section.ts";

/** An AlertmanagerConfig of the cluster with its settings, or with the reason why it has none. */
export interface FoundAlertmanagerConfig {
  readonly namespace: string;
  readonly name: string;
  /** Undefined if the object is invalid. */
  readonly settings: ObjectSettings | undefined;
  /** A text that is equal if settings or problem are equal. Contains secrets. */
  readonly identity: string;
  /** Reason why the object is invalid, or "". */
  readonly problem: string;
  /** Name of a Secret or ConfigMap that has not been read yet, or "". */
  readonly waitsFor: string;
}

export interface AlertmanagerConfigManagerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: KubernetesRequestMetrics;
  /** Value of the User-Agent header: `Alertmanager/<version>`. */
  readonly userAgent: string;
  /** Called when read() may return another result. Changes in quick succession cause one call. */
  readonly changed: () => void;
  readonly connect?: DiscoveryContext["connect"];
  readonly dialers?: Dialers;
}

/**
 * Maximum time in ms between changes of the configuration while objects change all the time. Each change restarts the
 * notifications in progress, also those of other namespaces.
 */
const MAX_DELAY_MS = 20_000;

/**
 * Reads the AlertmanagerConfigs that the entries of `kubernetes_alertmanager_configs` select, and the Secrets that they
 * refer to. Keeps the known objects while the Kubernetes API cannot be reached.
 */
export class AlertmanagerConfigManager {
  readonly #options: AlertmanagerConfigManagerOptions;
  readonly #logger: Logger;
  readonly #throttle: UpdateThrottle;
  readonly #running: RunningSelections<AlertmanagerConfigSelection, CustomKind>;

  constructor(options: AlertmanagerConfigManagerOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ component: "kubernetes alertmanager configs" });
    this.#throttle = new UpdateThrottle(options.clock, () => options.changed(), MAX_DELAY_MS);
    this.#running = new RunningSelections({
      codec: alertmanagerConfigSelection,
      open: (config, signal) => this.#open(config, signal),
      onFailure: (err) => this.#logger.error("AlertmanagerConfigs of Kubernetes cannot be read", { err }),
    });
  }

  /** Replaces the entries. Unchanged entries continue to run, unless they have failed. */
  apply(configs: readonly AlertmanagerConfigSelection[]): void {
    this.#running.apply(configs);
  }

  stop(): void {
    this.#throttle.stop();
    this.#running.stop();
  }

  /**
   * Resolves with all selected objects, sorted by namespace and name as the operator sorts them. Resolves with undefined
   * until all entries have listed their objects. Must not be called again before it has resolved.
   */
  async read(): Promise<readonly FoundAlertmanagerConfig[] | undefined> {
    const running = this.#running.list;
    if (!running.every(({ source }) => source.isSettled)) return undefined;
    const found = new Map<string, FoundAlertmanagerConfig>();
    const slice = new TimeSlice(this.#options.clock);
    for (const { config, source } of running) {
      for (const selected of source.objects()) {
        const { namespace, name } = selected.object;
        const id = `${namespace}/${name}`;
        if (!found.has(id)) found.set(id, readObject(selected, config, source.ownNamespace));
        await slice.yieldToEventLoop();
      }
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  }

  #open(config: AlertmanagerConfigSelection, signal: AbortSignal): ObjectSource<CustomKind> {
    const { clock, connect = createHttpClient, dialers, metrics, userAgent } = this.#options;
    const logger = this.#logger;
    const dials = dialers?.of("kubernetes_alertmanager_configs");
    return new ObjectSource<CustomKind>({
      selection: config,
      kinds: [{ plural: "alertmanagerconfigs", version: config.apiVersion }],
      context: {
        clock,
        logger,
        metrics,
        userAgent,
        signal,
        connect: (to, options: HttpClientOptions = {}) => connect(to, { ...options, dials, logger }),
      },
      program: "Alertmanager",
      ifMissing: "set api_version to a version that the cluster serves",
      needsOwnNamespace: needsOwnNamespace(config),
      changed: () => this.#throttle.changed(),
    });
  }
}

const needsOwnNamespace = ({
  alertmanagerNamespace,
  apiServer,
  kubeconfigFile,
  matcherStrategy,
}: AlertmanagerConfigSelection): boolean =>
  matcherStrategy === "OnNamespaceExceptForAlertmanagerNamespace" &&
  alertmanagerNamespace === "" &&
  apiServer === undefined &&
  kubeconfigFile === "";

function readObject(
  { object, references }: SelectedObject<CustomKind>,
  { alertmanagerNamespace, apiVersion: version, matcherStrategy }: AlertmanagerConfigSelection,
  ownNamespace: string,
): FoundAlertmanagerConfig {
  const { namespace, name } = object;
  const isFree =
    matcherStrategy === "None" ||
    (matcherStrategy === "OnNamespaceExceptForAlertmanagerNamespace" &&
      namespace === (alertmanagerNamespace || ownNamespace));
  const context = { version, onlyNamespace: !isFree };
  const reader = references.reader(namespace);
  try {
    const settings = objectSettings(object, { ...context, references: reader });
    const { waitsFor } = reader;
    return { namespace, name, settings, identity: JSON.stringify(settings), problem: "", waitsFor };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { message: problem } = error;
    requestAll(() => objectSettings(object, { ...context, references: references.lenientReader(namespace) }));
    return { namespace, name, settings: undefined, identity: problem, problem, waitsFor: "" };
  }
}

/**
 * Requests all Secrets and ConfigMaps of an object, even after the object's first error. Their values are then known
 * when the object is corrected.
 */
function requestAll(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
  }
}
