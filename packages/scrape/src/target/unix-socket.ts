import type { ScrapeConfig } from "@narthex/config";
import type { LabelsBuilder } from "@narthex/model";

/** Label with the path of a unix socket that is used instead of the target's address. An extension of Prometheus. */
export const UNIX_SOCKET = "__unix_socket__";

/**
 * Decides whether a label may name the sockets of a job. Only its configuration may, in the labels of a static group or
 * in a relabeling rule. A discovery server, or the labels of a container, must not make the server open sockets of its
 * machine.
 */
export class UnixSockets {
  readonly #ofStaticGroups: ReadonlySet<string>;
  readonly #hasRule: boolean;

  constructor({ staticConfigs, relabelConfigs }: ScrapeConfig) {
    this.#ofStaticGroups = new Set(staticConfigs.map(({ labels }) => labels.get(UNIX_SOCKET)));
    this.#hasRule = relabelConfigs.some(
      ({ action, targetLabel }) => action !== "labelmap" && targetLabel === UNIX_SOCKET,
    );
  }

  /** Removes a label that discovery set; must be called before relabeling. */
  refuseDiscovered(labels: LabelsBuilder): void {
    if (!this.#ofStaticGroups.has(labels.get(UNIX_SOCKET))) labels.set(UNIX_SOCKET, "");
  }

  /** Removes a label that a rule for other labels created from a discovered one. */
  refuseMapped(labels: LabelsBuilder): void {
    if (!this.#hasRule) this.refuseDiscovered(labels);
  }
}
