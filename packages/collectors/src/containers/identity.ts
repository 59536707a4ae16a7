import type { NameFilter } from "../device-filter.ts";
import type { GroupOwner } from "./container-id.ts";
import type { EngineContainer } from "./engine-names.ts";
import type { KubernetesNames } from "./kubernetes-names.ts";

/** Labels of a group's series beside those of the metric, sorted by name; all that are not empty, and `id`. */
export type Identity = ReadonlyMap<string, string>;

/** Labels that every series has, whatever is known. */
export const BASE_LABELS: readonly string[] = ["id", "image", "name"];

/** Which of a container's own labels and variables are shown. */
export interface ShownFacts {
  readonly label: NameFilter;
  readonly variable: NameFilter;
}

/** Names by which Kubernetes marks the containers that it has an engine with Docker's interface start. */
const MARKS = {
  container: "io.kubernetes.container.name",
  pod: "io.kubernetes.pod.name",
  namespace: "io.kubernetes.pod.namespace",
};

/** Puts together what the path, the engine and Kubernetes' files say about a group. */
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
    // A pod whose name no one tells is still told from the others.
    put("pod", known?.pod ?? owner.podUid);
    put("namespace", known?.namespace);
    put("container", known?.container);
    put("image", known?.image);
    // Engines of Kubernetes name a container by its id.
    put("name", known?.name ?? owner.containerId);
  } else {
    // Rules made for Kubernetes ask for container="…"; outside of it the engine's name is the nearest thing.
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

/** Identities by path; one that says what it said in the last scrape is the same object. */
export class Identities {
  #known = new Map<string, Identity>();
  #next = new Map<string, Identity>();

  /** A scrape begins: what the last one did not show is forgotten. */
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
