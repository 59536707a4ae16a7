import { hostname } from "node:os";
import { type MetadataAnswer, readStoreMetadata } from "@narthex/querying";
import { ScrapeManager } from "@narthex/scrape";
import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { ServerFeature } from "../server-feature.ts";
import { readsStartTimestamps } from "../storage/start-timestamps.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { targetRoutes } from "./target-routes.ts";

export interface ScrapingFeature extends ServerFeature {
  readonly manager: ScrapeManager;
}

/** Adds the feature that scrapes targets and appends their samples. */
export function openScraping(
  context: Context,
  storage: Pick<StorageFeature, "appendable">,
  { longTerm }: Partial<Pick<QueryingFeature, "longTerm">> = {},
): ScrapingFeature {
  const { clock, logger, metrics, flags, featureFlags, configuration, web, userAgent, notices } = context;
  const manager = new ScrapeManager({
    appendable: storage.appendable,
    clock,
    logger,
    self: metrics,
    userAgent,
    notices,
    hostname: hostname(),
    outside: {
      externalUrl: new URL(web.externalUrl),
      listenPort: Number(flags["web.listen-address"][0]!.replace(/^.*:/, "")),
    },
    syncIntervalMs: flags["scrape.discovery-reload-interval"],
    maxBodyMemory: flags["scrape.max-body-memory"],
    synthesizesStarts: featureFlags.has("st-synthesis"),
    withMetadata: featureFlags.has("metadata-wal-records"),
    reading: {
      createdLines: readsStartTimestamps(featureFlags),
      typeAndUnitLabels: featureFlags.has("type-and-unit-labels"),
    },
    schedule: { align: flags["scrape.adjust-timestamps"], toleranceMs: flags["scrape.timestamp-tolerance"] },
  });
  const stored = (metric: string, limit: number | undefined): Promise<MetadataAnswer> | undefined =>
    longTerm === undefined || longTerm.endpoints === 0 ? undefined : readStoreMetadata(longTerm, { metric, limit });
  return {
    name: "scraping",
    manager,
    stop: () => manager.stop(),
    apply: [{ name: "scrape", prepare: (config) => manager.prepare(config), takesFoundJobs: true }],
    routes: { apiWhenReady: (app) => targetRoutes(app, { scraping: manager, configuration, stored }) },
    features: {
      scrape: {
        extra_scrape_metrics: true,
        start_timestamp_zero_ingestion: featureFlags.has("created-timestamp-zero-ingestion"),
        ...(featureFlags.has("st-synthesis") && { "st-synthesis": true }),
        type_and_unit_labels: featureFlags.has("type-and-unit-labels"),
      },
    },
  };
}
