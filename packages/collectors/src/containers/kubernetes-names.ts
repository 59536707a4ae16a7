import type { FileTree } from "../host-files/host-files.ts";

/** Data about a container or a pod, read from files of the Kubernetes node. */
export interface PodFacts {
  readonly pod: string;
  readonly namespace: string;
  /** Name of the container. Undefined for the pod itself and for its sandbox (pause) container. */
  readonly container?: string | undefined;
  readonly image?: string | undefined;
  /** Name of the container in the container runtime, such as containerd. */
  readonly name?: string | undefined;
}

/** Files with a container's configuration, by path below the root; `*` is a placeholder for the container's id. */
const ENGINE_FILES: readonly string[] = [
  "run/containerd/io.containerd.runtime.v2.task/k8s.io/*/config.json",
  "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/*/config.json",
  "run/containers/storage/overlay-containers/*/userdata/config.json",
];

/** Matches the file name of a container's log: `<pod>_<namespace>_<container>-<id>.log`. */
const LOG_FILE = /^(.+)_([^_]+)_(.+)-([0-9a-f]{64})\.log$/;

/**
 * Names of pods and containers, from a node's log folders and from files of the container runtime. Does not use the API
 * server. Reads the folders only when a new pod or container appears.
 */
export class KubernetesNames {
  readonly #rootfs: FileTree;
  readonly #pods = new Map<string, PodFacts>();
  readonly #containers = new Map<string, PodFacts>();
  /** Ids of containers for which the file of the container runtime was already read. */
  readonly #engineAsked = new Set<string>();
  #isRead = false;

  constructor(rootfs: FileTree) {
    this.#rootfs = rootfs;
  }

  /**
   * Begins a scrape, in which the folders may be read once. Removes containers that are not in `present`. Removes all
   * pods if no container is left.
   */
  begin(present: ReadonlySet<string>): void {
    this.#isRead = false;
    for (const known of [this.#containers, this.#engineAsked]) {
      for (const id of known.keys()) if (!present.has(id)) known.delete(id);
    }
    if (present.size === 0) this.#pods.clear();
  }

  /**
   * Returns the data about a container, or about its pod if the container is not known. Returns undefined if the node's
   * files contain neither.
   */
  about(podUid: string, containerId: string | undefined): PodFacts | undefined {
    if (containerId !== undefined) {
      if (!this.#engineAsked.has(containerId)) this.#askEngineFile(containerId);
      if (!this.#containers.has(containerId)) this.#readFolders();
      const known = this.#containers.get(containerId);
      if (known !== undefined) return known;
    }
    if (!this.#pods.has(podUid)) this.#readFolders();
    return this.#pods.get(podUid);
  }

  #askEngineFile(id: string): void {
    this.#engineAsked.add(id);
    for (const pattern of ENGINE_FILES) {
      const text = this.#rootfs.value(pattern.replace("*", id));
      const facts = text === undefined ? undefined : factsIn(text);
      if (facts !== undefined) return void this.#containers.set(id, facts);
    }
  }

  #readFolders(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    this.#pods.clear();
    for (const folder of this.#rootfs.list("var/log/pods")) {
      // Splits the folder name <namespace>_<pod>_<uid>. The three parts never contain an underscore.
      const [namespace, pod, uid] = folder.split("_");
      if (uid !== undefined) this.#pods.set(uid, { pod: pod!, namespace: namespace! });
    }
    for (const file of this.#rootfs.list("var/log/containers")) {
      const [, pod, namespace, container, id] = LOG_FILE.exec(file) ?? [];
      if (id !== undefined && !this.#containers.has(id))
        this.#containers.set(id, { pod: pod!, namespace: namespace!, container });
    }
  }
}

/** Reads the annotations of containerd or CRI-O from an OCI runtime's configuration. */
function factsIn(text: string): PodFacts | undefined {
  let annotations: Readonly<Record<string, unknown>>;
  try {
    annotations = (JSON.parse(text) as { annotations?: Readonly<Record<string, unknown>> }).annotations ?? {};
  } catch {
    // Returns undefined for an incomplete file, which the container runtime is still writing.
    return undefined;
  }
  const told = (...names: readonly string[]): string | undefined => {
    const found = names.map((name) => annotations[name]).find((value) => typeof value === "string" && value !== "");
    return found as string | undefined;
  };
  const pod = told("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name");
  const namespace = told("io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace");
  if (pod === undefined || namespace === undefined) return undefined;
  return {
    pod,
    namespace,
    container: told("io.kubernetes.cri.container-name", "io.kubernetes.container.name"),
    image: told(
      "io.kubernetes.cri.image-name",
      "io.kubernetes.cri.podsandbox.image-name",
      "io.kubernetes.cri-o.ImageName",
    ),
    name: told("io.kubernetes.cri-o.Name"),
  };
}
