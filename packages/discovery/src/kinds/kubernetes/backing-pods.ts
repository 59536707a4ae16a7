import { Labels } from "@narthex/model";
import { keyOf } from "./api-object.ts";
import type { Joined } from "./joined.ts";
import { type LabelDraft } from "./meta-labels.ts";
import { hostPort } from "../../target-labels.ts";
import { addContainer, addPod, type Pod } from "./pod.ts";

/**
 * Reference from an endpoint's address to its pod or node;
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

/**
 * The pods behind the addresses of one Endpoints or EndpointSlice object, and the container ports that the object
 * covers.
 */
export class BackingPods {
  readonly #joined: Joined;
  readonly #covered = new Map<Pod, Set<number>>();

  constructor(joined: Joined) {
    this.#joined = joined;
  }

  /**
   * Adds the labels of a target's pod, and of the container with the target's port, to `draft`. @param protocol
   * replaces the protocol of the container port
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
    // If several containers have the port, uses the last one, as Prometheus does.
    for (const container of pod.containers) {
      const own = container.ports.find(({ number }) => number === port);
      if (own !== undefined) addContainer(draft, container, protocol === undefined ? own : { ...own, protocol });
    }
  }

  /** Returns targets for container ports without an endpoint, for all pods that were passed to describe(). */
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
