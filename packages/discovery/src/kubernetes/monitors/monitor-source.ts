import { logOnChange } from "@narthex/runtime";
import type { DiscoveryContext } from "../../discoverer.ts";
import { openAccess } from "../access.ts";
import { type ApiResource, keepMeta, type ObjectMeta, type RawObject } from "../api-object.ts";
import { ApiServer, ApiStatusError } from "../api-server.ts";
import { requestObserver } from "../metrics.ts";
import { ListWatch, type ObjectSink } from "../list-watch.ts";
import { namespaces } from "../metadata-resources.ts";
import { ObjectStore } from "../object-store.ts";
import type { ObjectSelector } from "../section.ts";
import { type JobDraft, type Json, type Monitor, MonitorError, type MonitorKind } from "./monitor.ts";
import { References } from "./references.ts";
import { monitorKinds } from "./registry.ts";
import type { MonitorDiscovery } from "./section.ts";
import { SpecFields } from "./spec-fields.ts";

/** A monitor with its jobs, or with the reason why it is invalid. */
export interface ReadMonitor {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly drafts: readonly JobDraft[];
  /** Text of a rule file with the groups of the object. Undefined for kinds without rules. */
  readonly ruleFile?: string | undefined;
  /** Reason why the monitor is invalid, or "" if it is valid. */
  readonly problem: string;
  /** Name of a Secret or ConfigMap that has not been read yet, or "". */
  readonly waitsFor: string;
}

const GROUP = "monitoring.coreos.com";

/**
 * Maximum time in ms to wait for an API server that does not answer. Until then, the monitors of other API servers wait
 * too.
 */
const PATIENCE_MS = 30_000;

/** A kind of monitor that is watched in one namespace. */
interface Area {
  readonly kind: MonitorKind;
  readonly store: ObjectStore<Monitor>;
  /** Whether the objects of this kind have been listed once or cannot be listed. */
  isSettled: boolean;
}

/** Reads the monitors that one entry of `kubernetes_monitor_configs` selects. */
export class MonitorSource {
  readonly config: MonitorDiscovery;
  readonly #context: DiscoveryContext;
  readonly #changed: () => void;
  readonly #areas: Area[] = [];
  /** Namespaces that the configured namespace selector selects. Undefined if no selector is configured. */
  readonly #namespaces: ObjectStore<ObjectMeta> | undefined;
  #namespacesSettled = false;
  #references: References | undefined;
  readonly #begun: number;
  #failed = false;

  /** @param changed called when monitors() returns another result */
  constructor(config: MonitorDiscovery, context: DiscoveryContext, changed: () => void) {
    this.config = config;
    this.#context = context;
    this.#changed = changed;
    this.#begun = context.clock.monotonic();
    this.#namespaces = config.namespaceSelector === "" ? undefined : new ObjectStore();
  }

  /** Whether run() has rejected. No monitors are read after that. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** Runs until the context's signal aborts. Rejects if the API server cannot be used at all. */
  async run(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      this.#failed = true;
      this.#changed();
      throw error;
    }
  }

  /** Whether all kinds of monitors were listed or cannot be listed. Before that, monitors() may be incomplete. */
  get isSettled(): boolean {
    if (this.#failed) return true;
    const listed = this.#areas.length > 0 && this.#areas.every(({ isSettled }) => isSettled);
    return listed && (this.#namespaces === undefined || this.#namespacesSettled);
  }

  /** Returns all selected monitors, sorted by kind and name. */
  monitors(): readonly ReadMonitor[] {
    const references = this.#references;
    if (references === undefined) return [];
    references.begin();
    const found = this.#areas.flatMap(({ kind, store }) =>
      [...store.keys()]
        .toSorted()
        .map((key) => store.get(key)!)
        .filter(({ namespace }) => this.#namespaces === undefined || this.#namespaces.get(namespace) !== undefined)
        .map((monitor) => this.#read(kind, monitor, references)),
    );
    references.end();
    return found;
  }

  get #isOverdue(): boolean {
    return this.#context.clock.monotonic() - this.#begun >= PATIENCE_MS;
  }

  #read(kind: MonitorKind, monitor: Monitor, references: References): ReadMonitor {
    const reader = references.reader(monitor.namespace);
    const { namespace, name } = monitor;
    try {
      refuseScrapeClass(monitor);
      const drafts = kind.drafts(monitor, { ...this.config, references: reader });
      const ruleFile = kind.ruleFile?.(monitor);
      return { kind: kind.kind, namespace, name, drafts, ruleFile, problem: "", waitsFor: reader.waitsFor };
    } catch (error) {
      if (!(error instanceof MonitorError)) throw error;
      this.#askForAll(kind, monitor, references);
      return { kind: kind.kind, namespace, name, drafts: [], problem: error.message, waitsFor: "" };
    }
  }

  /**
   * Requests all Secrets and ConfigMaps of a monitor, even after the monitor's first error. Their values are then known
   * when the monitor is corrected.
   */
  #askForAll(kind: MonitorKind, monitor: Monitor, references: References): void {
    try {
      kind.drafts(monitor, { ...this.config, references: references.lenientReader(monitor.namespace) });
    } catch (error) {
      if (!(error instanceof MonitorError)) throw error;
    }
  }

  async #start(): Promise<void> {
    const { config } = this;
    const { signal, userAgent, metrics } = this.#context;
    const access = await openAccess(config, this.#context);
    const server = new ApiServer(access, userAgent, requestObserver(metrics));
    this.#references = new References(({ resource, namespace, name, sink, signal: ends, failed }) => {
      const selector = { label: "", field: `metadata.name=${name}` };
      const both = AbortSignal.any([signal, ends]);
      void this.#listWatch({ server, resource, namespace, selector, sink, signal: both, failed });
    }, this.#changed);
    const own = access.ownNamespace === "" ? [] : [access.ownNamespace];
    const named = new Set([...config.namespaces.names, ...own]);
    const areas = named.size === 0 ? [""] : [...named];
    const running = config.kinds.flatMap((name) =>
      areas.map((namespace) => this.#watchMonitors(server, monitorKinds[name], namespace)),
    );
    if (this.#namespaces !== undefined) running.push(this.#watchNamespaces(server, this.#namespaces));
    await Promise.all(running);
    this.#references.stop();
  }

  #watchMonitors(server: ApiServer, kind: MonitorKind, namespace: string): Promise<void> {
    const area: Area = { kind, store: new ObjectStore(), isSettled: false };
    this.#areas.push(area);
    this.#follow(area.store, () => (area.isSettled = true));
    return this.#listWatch({
      server,
      resource: monitorsOf(kind),
      namespace,
      selector: { label: this.config.selector, field: "" },
      sink: area.store,
      signal: this.#context.signal,
      failed: (_reason, isRefused) => {
        if (isRefused || this.#isOverdue) area.isSettled = true;
        this.#changed();
      },
    });
  }

  #watchNamespaces(server: ApiServer, store: ObjectStore<ObjectMeta>): Promise<void> {
    this.#follow(store, () => (this.#namespacesSettled = true));
    return this.#listWatch({
      server,
      resource: namespaces,
      namespace: "",
      selector: { label: this.config.namespaceSelector, field: "" },
      sink: store,
      signal: this.#context.signal,
      failed: (_reason, isRefused) => {
        if (isRefused || this.#isOverdue) this.#namespacesSettled = true;
        this.#changed();
      },
    });
  }

  #follow(store: ObjectStore<unknown>, settled: () => void): void {
    store.listen({
      changed: () => undefined,
      settled: () => {
        settled();
        this.#changed();
      },
    });
  }

  #listWatch<T>({ resource, namespace, selector, failed, ...rest }: Listing<T>): Promise<void> {
    const { clock, logger, metrics } = this.#context;
    const where = namespace === "" ? "" : ` of namespace ${namespace}`;
    const what = selector.field === "" ? resource.plural : `${resource.plural} with ${selector.field}`;
    let hinted = "";
    const listWatch = new ListWatch<T>({
      ...rest,
      resource,
      namespace,
      selector,
      clock,
      log: logOnChange(logger, `Listing and watching ${what}${where}`),
      random: Math.random,
      failed: (error) => {
        metrics.kubernetesFailures.inc();
        const hint = hintFor(error, resource, namespace);
        if (hint !== "" && hint !== hinted) logger.warn(hint);
        hinted = hint;
        const reason = error instanceof Error ? error.message : String(error);
        failed(hint === "" ? reason : `${reason}; ${hint}`, error instanceof ApiStatusError && error.isRefusal);
      },
    });
    return listWatch.run();
  }
}

interface Listing<T> {
  readonly server: ApiServer;
  readonly resource: ApiResource<T>;
  readonly namespace: string;
  readonly selector: ObjectSelector;
  readonly sink: ObjectSink<T>;
  readonly signal: AbortSignal;
  readonly failed: (reason: string, isRefused: boolean) => void;
}

const monitorsOf = ({ plural }: MonitorKind): ApiResource<Monitor> => ({
  plural,
  group: `/apis/${GROUP}/v1`,
  isNamespaced: true,
  keep: (raw) => {
    const { namespace, name } = keepMeta(raw);
    return { namespace, name, spec: (raw as RawObject & { readonly spec?: Json }).spec ?? null };
  },
});

/** Returns a hint on how to fix an error of the Kubernetes API, or "" if the cause is unknown. */
function hintFor(error: unknown, { plural, group }: ApiResource<unknown>, namespace: string): string {
  if (!(error instanceof ApiStatusError)) return "";
  const apiGroup = group.startsWith("/apis/") ? group.split("/")[2]! : "";
  if (error.status === 404 && apiGroup === GROUP)
    return `the cluster has no ${plural}.${GROUP}/v1: apply its CustomResourceDefinition, or remove it from kinds`;
  if (error.status !== 403) return "";
  const role = namespace === "" ? "a ClusterRole" : `a Role in namespace ${namespace}`;
  return `grant the server's service account, in ${role}: {apiGroups: ["${apiGroup}"], resources: [${plural}], verbs: [list, watch]}`;
}

/**
 * Throws MonitorError for a monitor with a scrape class, because scrape classes are defined in the operator's own
 * configuration.
 */
function refuseScrapeClass({ spec }: Monitor): void {
  const name = new SpecFields(spec).text("scrapeClass");
  if (name === "") return;
  throw new MonitorError(
    `scrapeClass ${JSON.stringify(name)} is not known: the server has none, write its settings into the monitor`,
  );
}
