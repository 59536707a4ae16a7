import { Labels } from "@narthex/model";
import { keyOf } from "./api-object.ts";
import type { Joined } from "./joined.ts";
import { type LabelDraft } from "./meta-labels.ts";
import { hostPort } from "../target-labels.ts";
import { addContainer, addPod, type Pod } from "./pod.ts";

/**
 * Reference to the object behind an endpoint's address;
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-reference/
 */
export interface TargetReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

interface RawReference {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export const keepReference = (raw: RawReference | undefined | null): TargetReference | undefined =>
  raw === undefined || raw === null
    ? undefined
    : { kind: raw.kind ?? "", namespace: raw.namespace ?? "", name: raw.name ?? "" };

/** The pods behind the endpoints of one object, with the ports that the endpoints cover. */
export class BackingPods {
  readonly #joined: Joined;
  readonly #covered = new Map<Pod, Set<number>>();

  constructor(joined: Joined) {
    this.#joined = joined;
  }

  /**
   * Adds the labels of the pod behind a target, and of the container that has the port.
   * @param protocol used instead of the protocol of the container port
   */
  describe(draft: LabelDraft, reference: TargetReference | undefined, port?: number, protocol?: string): void {
    if (reference?.kind !== "Pod") return;
    const pod = this.#joined.find("pod", keyOf(reference.namespace, reference.name));
    if (pod === undefined) return;
    let covered = this.#covered.get(pod);
    if (covered === undefined) this.#covered.set(pod, (covered = new Set()));
    addPod(draft, pod, this.#joined);
    if (port === undefined) return;
    covered.add(port);
    // If several containers have the port, the last one is used, as in Prometheus.
    for (const container of pod.containers) {
      const own = container.ports.find(({ number }) => number === port);
      if (own !== undefined) addContainer(draft, container, protocol === undefined ? own : { ...own, protocol });
    }
  }

  /** Returns targets for container ports without an endpoint, for all pods of the describe() calls so far. */
  uncovered(): Labels[] {
    const targets: Labels[] = [];
    for (const [pod, covered] of this.#covered) {
      if (pod.ip === "") continue;
      for (const container of pod.containers) {
        for (const port of container.ports) {
          if (covered.has(port.number)) continue;
          const target: LabelDraft = new Map([["__address__", hostPort(pod.ip, port.number)]]);
          addContainer(target, container, port);
          addPod(target, pod, this.#joined);
          targets.push(Labels.of(target));
        }
      }
    }
    return targets;
  }
}
