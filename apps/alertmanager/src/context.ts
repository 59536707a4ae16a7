import { type AlertingMetrics, alertingMetrics } from "@narthex/alerting";
import { machineUrl, routePrefixOf, SelfMetrics, type WebAddress } from "@narthex/http";
import { trimTrailing } from "@narthex/model";
import { RECEIVER_KINDS } from "@narthex/receivers";
import {
  type BuildInfo,
  type Clock,
  type FlagValues,
  type Host,
  type Logger,
  type RoleStart,
  showsOwnMetrics,
} from "@narthex/runtime";
import type { FeatureFlags } from "./feature-flags.ts";
import type { flags as flagTable } from "./flags.ts";

const INTEGRATION_KINDS = RECEIVER_KINDS.map(({ kind }) => kind).sort();

/** Objects that all features of the Alertmanager share. */
export interface Context {
  readonly host: Host;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly build: BuildInfo;
  /** Time of the Alertmanager's start, Unix ms. */
  readonly startedAt: number;
  readonly flags: FlagValues<typeof flagTable>;
  readonly featureFlags: FeatureFlags;
  readonly web: WebAddress;
  readonly metrics: SelfMetrics;
  readonly alertingMetrics: AlertingMetrics;
}

/**
 * Creates the context.
 * @param options.showOurs whether metrics that Alertmanager does not have are shown
 */
export function openContext(
  host: Host,
  { flags, logger, build }: RoleStart<typeof flagTable>,
  options: { readonly startedAt: number; readonly featureFlags: FeatureFlags; readonly showOurs: boolean },
): Context {
  const { startedAt, featureFlags, showOurs } = options;
  const metrics = new SelfMetrics({ showOurs: showOurs || showsOwnMetrics(host) });
  return {
    host,
    clock: host.clock,
    logger,
    build,
    startedAt,
    flags,
    featureFlags,
    web: webAddress(flags["web.external-url"], flags["web.route-prefix"], flags["web.listen-address"][0]!),
    metrics,
    alertingMetrics: alertingMetrics(metrics, INTEGRATION_KINDS, featureFlags),
  };
}

/**
 * Returns the address for clients, from `--web.external-url`, `--web.route-prefix` and the first listen address. Throws
 * an Error for an invalid URL.
 */
function webAddress(externalUrl: string, routePrefix: string, listen: string): WebAddress {
  const external = externalUrl === "" ? machineUrl(listen) : checkedUrl(externalUrl);
  return { externalUrl: external, routePrefix: routePrefixOf(routePrefix, external) };
}

function checkedUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || url.hostname === "") throw new Error(`parse ${JSON.stringify(given)}: missing host or scheme`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Error(
      `${given}: invalid ${JSON.stringify(url.protocol.slice(0, -1))} scheme, only 'http' and 'https' are supported`,
    );
  }
  return trimTrailing(given, "/");
}
