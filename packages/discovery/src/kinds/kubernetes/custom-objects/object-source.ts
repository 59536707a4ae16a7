import type { JsonValue } from "@narthex/config";
import { errorText, logOnChange } from "@narthex/runtime";
import type { DiscoveryContext } from "../../../discoverer.ts";
import { openAccess } from "../access.ts";
import { type ApiResource, keepMeta, type ObjectMeta, type RawObject } from "../api-object.ts";
import { ApiServer, ApiStatusError } from "../api-server.ts";
import { type KubernetesRequestMetrics, requestObserver } from "../metrics.ts";
import { ListWatch, type ObjectSink } from "../list-watch.ts";
import { namespaces } from "../metadata-resources.ts";
import { ObjectStore } from "../object-store.ts";
import type { ObjectSelector } from "../section.ts";
import { References } from "./references.ts";
import type { ObjectSelection } from "./selection.ts";
import { boundedSpec } from "./spec-fields.ts";

/** An object as stored in the cluster. Its spec is untrusted, because only the cluster's schema has checked it. */
export interface CustomObject {
  readonly namespace: string;
  readonly name: string;
  readonly spec: JsonValue;
}

/** A kind of prometheus-operator objects, such as PodMonitor. */
export interface CustomKind {
  /** Plural name of the kind in API paths. */
  readonly plural: string;
  /** Version of the API group, such as `v1`. */
  readonly version: string;
}

type SourceContext = Pick<DiscoveryContext, "clock" | "connect" | "logger" | "signal" | "userAgent"> & {
  readonly metrics: KubernetesRequestMetrics;
};

export interface ObjectSourceOptions<K extends CustomKind> {
  readonly selection: ObjectSelection;
  readonly kinds: readonly K[];
  readonly context: SourceContext;
  /** Program that needs the permissions, for hints: `server`. */
  readonly program: string;
  /** Remedy if the cluster does not know a kind, for hints. */
  readonly ifMissing: string;
  /** Whether the namespace of this process must be known. */
  readonly needsOwnNamespace?: boolean;
  /** Called when objects() returns another result. */
  readonly changed: () => void;
}

/** A selected object, and the Secrets and ConfigMaps that it may refer to. */
export interface SelectedObject<K extends CustomKind> {
  readonly kind: K;
  readonly object: CustomObject;
  readonly references: References;
}

const OPERATOR_GROUP = "monitoring.coreos.com";

/**
 * Maximum time in ms to wait for an API server that does not answer. Until then, the objects of other API servers wait
 * too.
 */
const PATIENCE_MS = 30_000;

/** A kind of objects that is watched in one namespace. */
interface Area<K extends CustomKind> {
  readonly kind: K;
  readonly store: ObjectStore<CustomObject>;
  /** Whether the objects of this kind have been listed once or cannot be listed. */
  isSettled: boolean;
}

/** Reads the prometheus-operator objects that one configuration entry selects. */
export class ObjectSource<K extends CustomKind> {
  readonly #options: ObjectSourceOptions<K>;
  readonly #areas: Area<K>[] = [];
  /** Namespaces that the configured namespace selector selects. Undefined if no selector is configured. */
  readonly #namespaces: ObjectStore<ObjectMeta> | undefined;
  #namespacesSettled = false;
  #references: References | undefined;
  #ownNamespace = "";
  readonly #begun: number;
  #failed = false;

  constructor(options: ObjectSourceOptions<K>) {
    this.#options = options;
    this.#begun = options.context.clock.monotonic();
    this.#namespaces = options.selection.namespaceSelector === "" ? undefined : new ObjectStore();
  }

  /** Whether run() has rejected. No objects are read after that. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** Namespace of this process, or "" if it is not known. */
  get ownNamespace(): string {
    return this.#ownNamespace;
  }

  /** Runs until the context's signal aborts. Rejects if the API server cannot be used at all. */
  async run(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      this.#failed = true;
      this.#options.changed();
      throw error;
    }
  }

  /** Whether all kinds were listed or cannot be listed. Before that, objects() may be incomplete. */
  get isSettled(): boolean {
    if (this.#failed) return true;
    const listed = this.#areas.length > 0 && this.#areas.every(({ isSettled }) => isSettled);
    return listed && (this.#namespaces === undefined || this.#namespacesSettled);
  }

  /**
   * Yields all selected objects, sorted by kind and name. After the last one, stops watching the Secrets and ConfigMaps
   * that were not requested meanwhile. The caller may take several turns of the event loop.
   */
  *objects(): Generator<SelectedObject<K>> {
    const references = this.#references;
    if (references === undefined) return;
    references.begin();
    for (const { kind, store } of this.#areas) {
      for (const key of [...store.keys()].toSorted()) {
        const object = store.get(key);
        if (object === undefined) continue;
        if (this.#namespaces !== undefined && this.#namespaces.get(object.namespace) === undefined) continue;
        yield { kind, object, references };
      }
    }
    references.end();
  }

  get #isOverdue(): boolean {
    return this.#options.context.clock.monotonic() - this.#begun >= PATIENCE_MS;
  }

  async #start(): Promise<void> {
    const { context, kinds, needsOwnNamespace = false, selection } = this.#options;
    const { signal, userAgent, metrics } = context;
    const own = selection.namespaces.own;
    const access = await openAccess(
      needsOwnNamespace ? { ...selection, namespaces: { ...selection.namespaces, own: true } } : selection,
      context,
    );
    this.#ownNamespace = access.ownNamespace;
    const server = new ApiServer(access, userAgent, requestObserver(metrics));
    this.#references = new References(({ resource, namespace, name, sink, signal: ends, failed }) => {
      const selector = { label: "", field: `metadata.name=${name}` };
      const both = AbortSignal.any([signal, ends]);
      void this.#listWatch({ server, resource, namespace, selector, sink, signal: both, failed });
    }, this.#options.changed);
    const named = new Set([...selection.namespaces.names, ...(own ? [access.ownNamespace] : [])]);
    named.delete("");
    const areas = named.size === 0 ? [""] : [...named];
    const running = kinds.flatMap((kind) => areas.map((namespace) => this.#watchObjects(server, kind, namespace)));
    if (this.#namespaces !== undefined) running.push(this.#watchNamespaces(server, this.#namespaces));
    await Promise.all(running);
    this.#references.stop();
  }

  #watchObjects(server: ApiServer, kind: K, namespace: string): Promise<void> {
    const area: Area<K> = { kind, store: new ObjectStore(), isSettled: false };
    this.#areas.push(area);
    this.#follow(area.store, () => (area.isSettled = true));
    return this.#listWatch({
      server,
      resource: resourceOf(kind),
      namespace,
      selector: { label: this.#options.selection.selector, field: "" },
      sink: area.store,
      signal: this.#options.context.signal,
      failed: (_reason, isRefused) => {
        if (area.isSettled || !(isRefused || this.#isOverdue)) return;
        area.isSettled = true;
        this.#options.changed();
      },
    });
  }

  #watchNamespaces(server: ApiServer, store: ObjectStore<ObjectMeta>): Promise<void> {
    this.#follow(store, () => (this.#namespacesSettled = true));
    return this.#listWatch({
      server,
      resource: namespaces,
      namespace: "",
      selector: { label: this.#options.selection.namespaceSelector, field: "" },
      sink: store,
      signal: this.#options.context.signal,
      failed: (_reason, isRefused) => {
        if (this.#namespacesSettled || !(isRefused || this.#isOverdue)) return;
        this.#namespacesSettled = true;
        this.#options.changed();
      },
    });
  }

  #follow(store: ObjectStore<unknown>, settled: () => void): void {
    store.listen({
      changed: () => undefined,
      settled: () => {
        settled();
        this.#options.changed();
      },
    });
  }

  #listWatch<T>({ resource, namespace, selector, failed, ...rest }: Listing<T>): Promise<void> {
    const { clock, logger, metrics } = this.#options.context;
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
        const hint = this.#hintFor(error, resource, namespace);
        if (hint !== "" && hint !== hinted) logger.warn(hint);
        hinted = hint;
        const reason = errorText(error);
        failed(hint === "" ? reason : `${reason}; ${hint}`, error instanceof ApiStatusError && error.isRefusal);
      },
    });
    return listWatch.run();
  }

  /** Returns a hint on how to fix an error of the Kubernetes API, or "" if the cause is unknown. */
  #hintFor(error: unknown, { plural, group }: ApiResource<unknown>, namespace: string): string {
    if (!(error instanceof ApiStatusError)) return "";
    const { ifMissing, program } = this.#options;
    const [, , apiGroup = "", version = ""] = group.startsWith("/apis/") ? group.split("/") : [];
    if (error.status === 404 && apiGroup === OPERATOR_GROUP)
      return `the cluster has no ${plural}.${apiGroup}/${version}: apply its CustomResourceDefinition, or ${ifMissing}`;
    if (error.status !== 403) return "";
    const role = namespace === "" ? "a ClusterRole" : `a Role in namespace ${namespace}`;
    return `grant the ${program}'s service account, in ${role}: {apiGroups: ["${apiGroup}"], resources: [${plural}], verbs: [list, watch]}`;
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

const resourceOf = ({ plural, version }: CustomKind): ApiResource<CustomObject> => ({
  plural,
  group: `/apis/${OPERATOR_GROUP}/${version}`,
  isNamespaced: true,
  keep: (raw) => {
    const { namespace, name } = keepMeta(raw);
    return { namespace, name, spec: boundedSpec((raw as RawObject & { readonly spec?: JsonValue }).spec) };
  },
});
