import type { NameFilter } from "../device-filter.ts";
import type { GroupOwner } from "./container-id.ts";
import type { EngineContainer } from "./engine-names.ts";
import type { KubernetesNames } from "./kubernetes-names.ts";

/** Labels of a group's series without those of the metric, sorted by name: all that are not empty, and `id`. */
export type Identity = ReadonlyMap<string, string>;

/** Labels that every series has, even if they are empty. */
export const BASE_LABELS: readonly string[] = ["id", "image", "name"];

/** Which of a container's own labels and variables are shown. */
export interface ShownFacts {
  readonly label: NameFilter;
  readonly variable: NameFilter;
}

/** Labels that Kubernetes sets on containers that it starts with an engine that has Docker's interface. */
const MARKS = {
  container: "io.kubernetes.container.name",
  pod: "io.kubernetes.pod.name",
  namespace: "io.kubernetes.pod.namespace",
};

/** Combines the labels of a group from its path, the engine and Kubernetes' files. */
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
    // Without a known name, the pod's UID distinguishes it from other pods.
    put("pod", known?.pod ?? owner.podUid);
    put("namespace", known?.namespace);
    put("container", known?.container);
    put("image", known?.image);
    // Kubernetes' engines name a container by its id.
    put("name", known?.name ?? owner.containerId);
  } else {
    // Rules made for Kubernetes select by container="…". Outside of Kubernetes the engine's name is the closest
    // equivalent.
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

/** Identities by path. An identity equal to that of the last scrape is the same object. */
export class Identities {
  #known = new Map<string, Identity>();
  #next = new Map<string, Identity>();

  /** Begins a scrape: removes identities that the last scrape did not use. */
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
