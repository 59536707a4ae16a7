import { defaultHttpClient, type GlobalConfig, type ScrapeConfig, scrapeIdentity } from "@narthex/config";

/**
 * The part of a scrape pool that a changed configuration of its job affects: only the targets, also the requests, or everything including the state of the series.
 */
export type PoolChange = "targets" | "requests" | "everything";

/** Compares two configurations of a job, and returns what their difference affects. */
export function poolChange(
  before: { readonly job: ScrapeConfig; readonly global: GlobalConfig },
  after: { readonly job: ScrapeConfig; readonly global: GlobalConfig },
): PoolChange {
  const same = (bare: (job: ScrapeConfig) => ScrapeConfig): boolean =>
    scrapeIdentity(bare(before.job), before.global) === scrapeIdentity(bare(after.job), after.global);
  if (same((job) => job)) return "targets";
  return same(withoutRequests) ? "requests" : "everything";
}

/**
 * Returns the configuration of a job without the fields that affect only its requests or the number of its series. The
 * remaining fields affect the stored series.
 */
const withoutRequests = (job: ScrapeConfig): ScrapeConfig => ({
  ...job,
  scrapeIntervalMs: 60_000,
  scrapeTimeoutMs: 10_000,
  sampleLimit: 0,
  seriesBudget: undefined,
  httpClient: defaultHttpClient,
});
