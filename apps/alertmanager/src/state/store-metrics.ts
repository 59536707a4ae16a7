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
        "Statements that were abandoned, because the store's database was unreachable or refused them.",
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
        "Entries written by other instances of which this instance was notified.",
        counts.changesReceived,
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
        "Turns that another instance may have taken over, because this instance could not report in time that it is alive.",
        leases.lost,
      ),
      family(
        "counter",
        "narthex_store_turns_alone_total",
        "Notifications that were sent without asking the other instances, because the store's database was unreachable or refused the statement.",
        leases.withoutDatabase,
      ),
    ];
  };
