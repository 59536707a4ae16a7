import { defaultHttpClient, type GlobalConfig, type ScrapeConfig, scrapeIdentity } from "@narthex/config";
import type { PoolChange } from "./pool.ts";

/** How two configurations of a job differ, as far as its loops care; undefined where they do not. */
export function poolChange(
  before: { readonly job: ScrapeConfig; readonly global: GlobalConfig },
  after: { readonly job: ScrapeConfig; readonly global: GlobalConfig },
): PoolChange {
  const same = (bare: (job: ScrapeConfig) => ScrapeConfig): boolean =>
    scrapeIdentity(bare(before.job), before.global) === scrapeIdentity(bare(after.job), after.global);
  if (same(withoutTargets)) return "targets";
  return same(withoutRequests) ? "requests" : "everything";
}

/** Where targets come from is discovery's business. */
const withoutTargets = (job: ScrapeConfig): ScrapeConfig => ({ ...job, staticConfigs: [], discoveryConfigs: [] });

/** Without what decides how a target is asked, but not what becomes of its series. */
const withoutRequests = (job: ScrapeConfig): ScrapeConfig => ({
  ...withoutTargets(job),
  scrapeIntervalMs: 60_000,
  scrapeTimeoutMs: 10_000,
  sampleLimit: 0,
  httpClient: defaultHttpClient,
});
