import { routePrefixOf, SelfMetrics } from "@narthex/http";
import {
  type BuildInfo,
  type Clock,
  type FlagValues,
  type Host,
  type Logger,
  type RoleStart,
  showsOwnMetrics,
} from "@narthex/runtime";
import type { flags as flagTable } from "./flags.ts";

export interface Context {
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly build: BuildInfo;
  /** Start time of the process in Unix ms. */
  readonly startedAt: number;
  readonly flags: FlagValues<typeof flagTable>;
  /** Prefix of all routes: "" or `/path` without a trailing slash. */
  readonly routePrefix: string;
  /** Metrics of the process itself. These metrics are exposed together with the pushed metrics. */
  readonly metrics: SelfMetrics;
}

export function openContext(host: Host, { flags, logger, build }: RoleStart<typeof flagTable>): Context {
  return {
    host,
    clock: host.clock,
    logger,
    build,
    startedAt: host.clock.now(),
    flags,
    routePrefix: routePrefixOf(flags["web.route-prefix"], flags["web.external-url"]),
    metrics: new SelfMetrics({ showOurs: showsOwnMetrics(host) }),
  };
}
