import type { SelfMetrics, WebAddress } from "@narthex/http";
import type { BuildInfo, Clock, Host, Logger } from "@narthex/runtime";
import type { Configuration } from "./configuration/configuration.ts";
import type { FeatureFlags } from "./feature-flags.ts";
import type { ServerFlags } from "./flags.ts";
import type { Notices } from "./web/notices.ts";

export interface Context {
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly build: BuildInfo;
  readonly flags: ServerFlags;
  readonly featureFlags: FeatureFlags;
  readonly metrics: SelfMetrics;
  readonly notices: Notices;
  readonly configuration: Configuration;
  readonly web: WebAddress;
  readonly state: State;
  readonly uiFolder: string;
  readonly userAgent: string;
}

export class State {
  phase: "starting" | "ready" | "stopping" = "starting";
  /** Start time, ms since 1970. */
  readonly startedAt: number;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }
}
