import { family, type MetricFamily } from "@narthex/exposition";
import type { PostgresStore } from "@narthex/store";

/** Returns metrics about the shared database. Not used if the state is in a file. */
export const storeMetrics =
  (database: PostgresStore): (() => readonly MetricFamily[]) =>
  () => {
    const counts = database.counts();
    const { leases } = counts;
    return [
      family(
        "gauge",
        "narthex_store_up",
        "Whether there is a session of the store's database.",
        counts.connected ? 1 : 0,
      ),
      family(
        "counter",
        "narthex_store_sessions_total",
        "Sessions of the store's database that were opened.",
        counts.connects,
      ),
      family(
        "counter",
        "narthex_store_session_failures_total",
        "Sessions of the store's database that were lost or could not be opened.",
        counts.failures,
      ),
      family(
        "counter",
        "narthex_store_statements_total",
        "Statements that the store's database has answered.",
        counts.statements,
      ),
      family(
        "counter",
        "narthex_store_statement_failures_total",
        "Statements that were given up: the store's database was out of reach or refused them.",
        counts.givenUp,
      ),
      family(
        "gauge",
        "narthex_store_statements_waiting",
        "Statements that wait for the store's database.",
        counts.waiting,
      ),
      family(
        "counter",
        "narthex_store_changes_heard_total",
        "Entries that other instances were heard to have written.",
        counts.changesHeard,
      ),
      family("gauge", "narthex_store_leases_held", "Notifications that this instance has its turn with.", leases.held),
      family(
        "gauge",
        "narthex_store_leases_waiting",
        "Notifications that wait for another instance's turn to end.",
        leases.waiting,
      ),
      family("counter", "narthex_store_leases_total", "Turns that this instance has had.", leases.taken),
      family(
        "counter",
        "narthex_store_leases_lost_total",
        "Turns that another instance may have taken over, as this one could not tell in time that it lives.",
        leases.lost,
      ),
      family(
        "counter",
        "narthex_store_turns_alone_total",
        "Notifications that were made without asking the other instances, as the store's database was out of reach or refused the statement.",
        leases.withoutDatabase,
      ),
    ];
  };
