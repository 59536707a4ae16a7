import { SelfMetrics } from "@narthex/http";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import type { QueryGate } from "@narthex/promql";
import { MemoryStorage } from "@narthex/storage/testing";
import type { DueAlert, GroupContext } from "../group.ts";
import { ruleMetrics } from "../metrics.ts";
import { type Script, scriptedQuery } from "./scripted-query.ts";

/** Returns a context for a rule group, its in-memory storage, and the list of sent alerts. */
export function testGroupContext(scripts: Record<string, Script>, start = 0, slots?: QueryGate) {
  const clock = new ManualClock(start);
  const storage = new MemoryStorage();
  const logger = memoryLogger();
  const sent: DueAlert[] = [];
  const metrics = new SelfMetrics();
  const context: GroupContext = {
    clock,
    logger,
    storage,
    history: storage,
    query: scriptedQuery(scripts),
    reportError: metrics.internalErrors.reporter("rule_group", logger),
    notify: (alerts) => void sent.push(...alerts),
    observer: ruleMetrics(metrics, () => []),
    externalUrl: "http://narthex.example:9090",
    resendDelayMs: 60_000,
    restore: { outageToleranceMs: 3_600_000, gracePeriodMs: 600_000 },
    slots,
  };
  return { clock, storage, logger, metrics, sent, context, scripts };
}

/**
 * Returns the samples of a series as texts `time value`, with `stale` for a stale marker. Undefined if the series does
 * not exist.
 */
export function storedSamples(storage: MemoryStorage, name: string): string[] | undefined {
  for (const { labels, samples } of storage.series.values()) {
    if (labels.toString() !== name) continue;
    return Array.from({ length: samples.count }, (_, i) => {
      const value = samples.values[i]!;
      return `${samples.timestamps[i]!} ${Number.isNaN(value) ? "stale" : value}`;
    });
  }
  return undefined;
}
