import type { NameFilter } from "../device-filter.ts";
import type { GroupOwner } from "./container-id.ts";
import type { EngineContainer } from "./engine-names.ts";
import type { KubernetesNames } from "./kubernetes-names.ts";

/**
 * Labels of a control group, sorted by name, without labels that belong to a metric. Empty labels are omitted, except
 * `id`.
 */
export type Identity = ReadonlyMap<string, string>;

/** Labels that every series has, even if they are empty. */
export const BASE_LABELS: readonly string[] = ["id", "image", "name"];

/** Selects which of a container's own labels and environment variables are exported. */
export interface ShownFacts {
  readonly label: NameFilter;
  readonly variable: NameFilter;
}

/** Docker labels that Kubernetes sets on the containers that it starts. */
const MARKS = {
  container: "io.kubernetes.container.name",
  pod: "io.kubernetes.pod.name",
  namespace: "io.kubernetes.pod.namespace",
};

/** Combines the labels of a control group from its path, from the engine and from Kubernetes' files. */
export function identify(
  path: string,
  owner: GroupOwner,
  engine: EngineContainer | undefined,
  kubernetes: KubernetesNames,
  shown: ShownFacts,
): Identity {
  const identity = new Map<string, string>([["id", path]]);
  const put = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== "" && !identity.has(name)) identity.set(name, value);
  };
  if (engine !== undefined) {
    put("name", engine.name);
    put("image", engine.image);
    put("container", engine.labels[MARKS.container]);
    put("pod", engine.labels[MARKS.pod]);
    put("namespace", engine.labels[MARKS.namespace]);
    putOwn(put, engine, shown);
  }
  if (owner.podUid !== undefined) {
    const known = kubernetes.about(owner.podUid, owner.containerId);
    // Uses the pod's UID if the pod's name is unknown, to distinguish pods.
    put("pod", known?.pod ?? owner.podUid);
    put("namespace", known?.namespace);
    put("container", known?.container);
    put("image", known?.image);
    // Uses the container's id as its name, as Kubernetes' container runtimes do.
    put("name", known?.name ?? owner.containerId);
  } else {
    // Sets `container` to the engine's name, because rules for Kubernetes select by container="…".
    put("container", engine?.name);
  }
  return identity;
}

function putOwn(
  put: (name: string, value: string | undefined) => void,
  engine: EngineContainer,
  shown: ShownFacts,
): void {
  for (const [name, value] of Object.entries(engine.labels)) {
    if (shown.label(name)) put(labelName("container_label_", name), value);
  }
  if (engine.restarts > 0) put("container_label_restartcount", String(engine.restarts));
  for (const [name, value] of engine.variables) {
    if (shown.variable(name)) put(labelName("container_env_", name.toLowerCase()), value);
  }
}

const labelName = (prefix: string, name: string): string => prefix + name.replaceAll(/[^a-zA-Z0-9_]/g, "_");

const isSame = (a: Identity, b: Identity): boolean =>
  a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);

/**
 * Label sets of control groups by path. Returns the same object in each scrape as long as a label set does not change.
 */
export class Identities {
  #known = new Map<string, Identity>();
  #next = new Map<string, Identity>();

  /** Begins a scrape. Removes identities that the previous scrape did not use. */
  begin(): void {
    this.#known = this.#next;
    this.#next = new Map();
  }

  of(path: string, identity: Identity): Identity {
    const known = this.#known.get(path);
    const kept = known !== undefined && isSame(known, identity) ? known : identity;
    this.#next.set(path, kept);
    return kept;
  }
}
