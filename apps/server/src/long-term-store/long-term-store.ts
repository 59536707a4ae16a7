import type { PrometheusConfig } from "@narthex/config";
import { LongTermStore, type StoreObserver } from "@narthex/querying";
import { type PreparedChange, logOnChange } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];

interface Parts {
  readonly storage: StorageFeature;
  readonly querying: QueryingFeature;
}

/** Asks another engine for what is older than local data (`long_term_store`). */
export function openLongTermStore(context: Context, { storage, querying }: Parts): ServerFeature {
  const { clock, userAgent } = context;
  const { longTerm } = querying;
  const observer = observing(context, { storage, querying });
  async function prepare({ longTermStore, global }: PrometheusConfig): Promise<PreparedChange> {
    if (longTermStore === undefined) return { apply: () => longTerm.replace(undefined), discard: () => {} };
    const { externalLabels } = global;
    const store = await LongTermStore.open({ config: longTermStore, externalLabels, userAgent, clock, observer });
    return { apply: () => longTerm.replace(store), discard: () => store.retire() };
  }
  return {
    name: "long-term store",
    apply: [{ name: "long_term_store", prepare }],
    stop: () => longTerm.replace(undefined),
  };
}

function observing({ metrics, logger }: Context, { storage, querying: { longTerm } }: Parts): StoreObserver {
  const labels = ["request", "outcome"] as const;
  const requests = metrics.counter(
    "narthex_long_term_store_requests_total",
    "Requests to the long-term store by what was asked for and what came of it. Of those that are skipped the store was not told, since it had failed before.",
    labels,
  );
  const seconds = metrics.histogram(
    "narthex_long_term_store_request_duration_seconds",
    "How long requests to the long-term store took, until their answers were read.",
    BUCKETS,
    ["request"],
  );
  const samples = metrics.counter(
    "narthex_long_term_store_samples_total",
    "Samples that were read from the long-term store.",
  );
  const up = metrics.gauge(
    "narthex_long_term_store_up",
    "Whether the last request to the long-term store was answered; absent where none is configured.",
  );
  const border = metrics.gauge(
    "narthex_long_term_store_border_timestamp_seconds",
    "Since when local data is complete: what is older is asked of the long-term store.",
  );
  metrics.addSource(() => {
    if (longTerm.endpoints === 0) {
      up.reset();
      border.reset();
      return [];
    }
    up.set(longTerm.isWell ? 1 : 0);
    border.set(storage.tsdb.completeSince / 1000);
    return [];
  });
  const change = logOnChange(logger.child({ component: "long-term store" }), "asking the long-term store");
  return {
    ended(request, outcome, took, count) {
      requests.inc({ request, outcome });
      if (outcome !== "skipped") seconds.observe({ request }, took);
      if (count > 0) samples.inc(count);
    },
    changed(problem) {
      if (problem === undefined) change.worked();
      else change.failed(problem);
    },
  };
}
