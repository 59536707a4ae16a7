import { field, integer, listOf, text } from "@narthex/config";
import { type AwsAccount, accountFields, credentialFields } from "./aws-account.ts";

/** The fields of the kinds that find targets in clusters. */
export interface ClusteredAccount extends AwsAccount {
  /** ARNs of the clusters. Empty for all clusters of the region. */
  readonly clusters: readonly string[];
  /** Number of requests at the same time, as in the file. */
  readonly requestConcurrency: number;
}

/** Defaults of `request_concurrency`. */
export const ECS_CONCURRENCY = 20;
export const DEFAULT_CONCURRENCY = 10;

/** Maximum number of requests at the same time. Prometheus has no limit if the number in the file is negative. */
const MAX_CONCURRENCY = 100;

export const clustersField = field("clusters", listOf(text), []);

const { endpoint, region, refreshIntervalMs, port, httpClient } = accountFields;

/**
 * Returns the fields of a kind's section, in the order in which Prometheus prints them.
 * @param requestConcurrency default of `request_concurrency`
 * @param own fields that only this kind has
 */
export const clusteredFields = <F extends object>(requestConcurrency: number, own: F) => ({
  region,
  endpoint,
  ...credentialFields,
  clusters: clustersField,
  port,
  refreshIntervalMs,
  ...own,
  requestConcurrency: field("request_concurrency", integer, requestConcurrency),
  httpClient,
});

/** Returns the number of requests that may run at the same time: at least one. */
export const concurrencyOf = ({ requestConcurrency }: ClusteredAccount): number =>
  requestConcurrency < 0 ? MAX_CONCURRENCY : Math.min(Math.max(requestConcurrency, 1), MAX_CONCURRENCY);
