import type { ScrapeConfig } from "@narthex/config";
import type { LabelsBuilder } from "@narthex/model";

/**
 * Label with the path of a unix socket that is used instead of the target's address. Prometheus does not have this
 * label.
 */
export const UNIX_SOCKET = "__unix_socket__";

/**
 * Decides whether the `__unix_socket__` label of a job's targets may be used. Only the configuration of the job may set
 * the label, in the labels of a static group or in a relabeling rule. A discovery server or the labels of a container
 * must not be able to make this server open sockets of its machine.
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

  /** Removes the `__unix_socket__` label if discovery has set it. Must be called before relabeling. */
  refuseDiscovered(labels: LabelsBuilder): void {
    if (!this.#ofStaticGroups.has(labels.get(UNIX_SOCKET))) labels.set(UNIX_SOCKET, "");
  }

  /** Removes the `__unix_socket__` label if a labelmap rule created it from a discovered label. */
  refuseMapped(labels: LabelsBuilder): void {
    if (!this.#hasRule) this.refuseDiscovered(labels);
  }
}
