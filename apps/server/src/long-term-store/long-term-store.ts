import { type LongTermStoreConfig, longTermStoreIdentity, type PrometheusConfig } from "@narthex/config";
import type { Labels } from "@narthex/model";
import { FailureBackoff, LongTermStore, type StoreObserver } from "@narthex/querying";
import { type PreparedChange, logOnChange, type StateLog } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];

/** The state of a long-term store, which is kept across reloads that do not change the store's configuration. */
interface KnownStore {
  readonly identity: string;
  readonly backoff: FailureBackoff;
  readonly log: StateLog;
}

interface Parts {
  readonly storage: StorageFeature;
  readonly querying: QueryingFeature;
}

/**
 * Adds the feature that queries another database (`long_term_store`) for samples that are older than the local data.
 */
export function openLongTermStore(context: Context, { storage, querying }: Parts): ServerFeature {
  const { clock, logger, userAgent } = context;
  const { longTerm } = querying;
  const counted = counting(context, { storage, querying });
  let last: KnownStore | undefined;
  /**
   * Returns the state of a long-term store. An unchanged configuration keeps its state, but its client reads credential
   * files again.
   */
  function known(config: LongTermStoreConfig, externalLabels: Labels): KnownStore {
    const identity = `${longTermStoreIdentity(config)}${String(externalLabels)}`;
    if (last?.identity === identity) return last;
    const log = logOnChange(logger.child({ component: "long-term store" }), "asking the long-term store");
    return { identity, backoff: new FailureBackoff(clock), log };
  }
  async function prepare({ longTermStore, global }: PrometheusConfig): Promise<PreparedChange> {
    const { externalLabels } = global;
    const replace = (store: LongTermStore | undefined, next: KnownStore | undefined): void => {
      last = next;
      longTerm.replace(store);
    };
    if (longTermStore === undefined) return { apply: () => replace(undefined, undefined), discard: () => {} };
    const next = known(longTermStore, externalLabels);
    const store = await LongTermStore.open({
      config: longTermStore,
      externalLabels,
      userAgent,
      clock,
      logger,
      backoff: next.backoff,
      observer: {
        ...counted,
        changed(problem) {
          if (problem === undefined) next.log.succeeded();
          else next.log.failed(problem);
        },
      },
    });
    return { apply: () => replace(store, next), discard: () => store.retire() };
  }
  return {
    name: "long-term store",
    apply: [{ name: "long_term_store", prepare }],
    stop: () => longTerm.replace(undefined),
  };
}

function counting({ metrics }: Context, { storage, querying: { longTerm } }: Parts): Pick<StoreObserver, "ended"> {
  const labels = ["request", "outcome"] as const;
  const requests = metrics.counter(
    "narthex_long_term_store_requests_total",
    "Requests to the long-term store, by the requested data and the outcome. Skipped requests were not sent, because the store had failed before.",
    labels,
  );
  const seconds = metrics.histogram(
    "narthex_long_term_store_request_duration_seconds",
    "Duration of requests to the long-term store, until their answers were read.",
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
    "Time from which local data is complete. Older data is read from the long-term store.",
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
  return {
    ended(request, outcome, took, count) {
      requests.inc({ request, outcome });
      if (outcome !== "skipped") seconds.observe({ request }, took);
      if (count > 0) samples.inc(count);
    },
  };
}
