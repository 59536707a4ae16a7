import type { MetricFamily } from "@narthex/exposition";
import type { Clock } from "@narthex/runtime";
import { QuerySlots, type SlotLimits } from "./query-slots.ts";
import { RangeCache } from "./range-cache.ts";
import { SharedFlights } from "./shared-flights.ts";

export interface QueryDeskOptions extends Partial<SlotLimits> {
  readonly clock: Clock;
  /** Largest memory for cached answers, bytes. */
  readonly cacheBytes?: number;
}

const DEFAULTS = {
  perUser: 16,
  perSource: 32,
  perUserAndSource: 4,
  waiting: 2000,
  userBytes: 256 * 1024 * 1024,
  cacheBytes: 32 * 1024 * 1024,
};

/** The state that all data sources of a process share: running queries, cached answers, and slots for queries. */
export class QueryDesk {
  readonly flights = new SharedFlights();
  readonly ranges: RangeCache;
  readonly slots: QuerySlots;

  constructor({ clock, ...options }: QueryDeskOptions) {
    const limits = { ...DEFAULTS, ...options };
    this.ranges = new RangeCache(limits.cacheBytes, clock);
    this.slots = new QuerySlots(limits, clock);
  }

  /** Returns metrics about queries, slots and caches for /metrics. */
  families(): readonly MetricFamily[] {
    const { hits, misses, evictions } = this.ranges.counts;
    return [
      family("counter", "cache_hits_total", "Range queries for which a part of the result was stored.", hits),
      family("counter", "cache_misses_total", "Range queries for which no part of the result was stored.", misses),
      family(
        "counter",
        "cache_evictions_total",
        "Stored answers that were removed to make room for others.",
        evictions,
      ),
      family("gauge", "cache_bytes", "Memory of kept answers.", this.ranges.bytes),
      family("gauge", "cache_entries", "Answers that are kept.", this.ranges.entries),
      family(
        "counter",
        "queries_shared_total",
        "Queries answered by another query that was already running.",
        this.flights.shared,
      ),
      family("gauge", "queries_running", "Queries that sources are answering.", this.slots.running),
      family("gauge", "queries_waiting", "Queries that wait for a slot.", this.slots.waiting),
    ];
  }
}

const family = (type: "counter" | "gauge", name: string, help: string, value: number): MetricFamily => ({
  name: `narthex_datasource_${name}`,
  help,
  type,
  samples: [{ suffix: "", labels: [], value }],
});
