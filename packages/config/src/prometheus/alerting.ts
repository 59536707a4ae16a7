import type { RelabelRule } from "@narthex/model";
import type { Position } from "../problem.ts";
import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { SigV4Config } from "./cloud-signers.ts";
import type { DiscoveryConfig, StaticConfig } from "./targets.ts";

/** One entry of `alerting.alertmanagers`: a set of Alertmanagers that get the same alerts with the same settings. */
export interface AlertmanagerConfig {
  readonly scheme: string;
  readonly pathPrefix: string;
  readonly timeoutMs: number;
  readonly apiVersion: "v2";
  readonly httpClient: HttpClientConfig;
  /** Settings for signing AWS requests; undefined means that requests are not signed. */
  readonly sigv4: SigV4Config | undefined;
  /** Relabeling rules that choose and change the Alertmanagers to send to, by labels such as `__address__`. */
  readonly relabelConfigs: readonly RelabelRule[];
  /** Relabeling rules that are applied to alerts before they are sent to this set of Alertmanagers. */
  readonly alertRelabelConfigs: readonly RelabelRule[];
  readonly staticConfigs: readonly StaticConfig[];
  readonly discoveryConfigs: readonly DiscoveryConfig[];
  readonly position: Position;
}

/** The `alerting` section. */
export interface AlertingConfig {
  readonly alertRelabelConfigs: readonly RelabelRule[];
  readonly alertmanagers: readonly AlertmanagerConfig[];
}
