import { defaultHttpClient, type GlobalConfig, type ScrapeConfig, scrapeIdentity } from "@narthex/config";

/**
 * What a change of a job's configuration asks of its pool: only the targets, also the requests, or everything begins
 * again.
 */
export type PoolChange = "targets" | "requests" | "everything";

/** Compares two configurations of a job. */
export function poolChange(
  before: { readonly job: ScrapeConfig; readonly global: GlobalConfig },
  after: { readonly job: ScrapeConfig; readonly global: GlobalConfig },
): PoolChange {
  const same = (bare: (job: ScrapeConfig) => ScrapeConfig): boolean =>
    scrapeIdentity(bare(before.job), before.global) === scrapeIdentity(bare(after.job), after.global);
  if (same((job) => job)) return "targets";
  return same(withoutRequests) ? "requests" : "everything";
}

/** Without the fields that decide how a target is requested and how many series it may have, but not what they are. */
const withoutRequests = (job: ScrapeConfig): ScrapeConfig => ({
  ...job,
  scrapeIntervalMs: 60_000,
  scrapeTimeoutMs: 10_000,
  sampleLimit: 0,
  seriesBudget: undefined,
  httpClient: defaultHttpClient,
});
