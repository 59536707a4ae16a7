import type { SelfMetrics, WebAddress } from "@narthex/http";
import type { BuildInfo, Clock, Host, Logger } from "@narthex/runtime";
import type { Configuration } from "./configuration/configuration.ts";
import type { FeatureFlags } from "./feature-flags.ts";
import type { ServerFlags } from "./flags.ts";
import type { Notices } from "./web/notices.ts";

/** Objects that all features of the server share. */
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
  /** Folder that contains the built UI. */
  readonly uiFolder: string;
  /** The User-Agent of requests that the server sends. */
  readonly userAgent: string;
}

/** The phase of the server (starting, ready or stopping), and the time of its start. */
export class State {
  phase: "starting" | "ready" | "stopping" = "starting";
  /** Start time, ms since 1970. */
  readonly startedAt: number;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }
}
