import type { Clock } from "@narthex/runtime";
import { visitClient } from "./postgres/connect-client.ts";
import { parseTarget } from "./postgres/target.ts";
import { StoreError } from "./store.ts";

/** Name of the database session, which administrators see in pg_stat_activity. */
const APPLICATION = "narthex doctor";

interface VisitOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…` */
  readonly url: string;
  /** Environment variables, in which PostgreSQL's client library libpq looks for settings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Time limit in ms for the whole check of the database. */
  readonly timeoutMs: number;
}

/** Properties of a database that a check has read. */
export interface PostgresVisit {
  /** Address of the database without the password. */
  readonly printed: string;
  readonly version: string;
  /** True if the database is read-only, like a standby. */
  readonly isReadOnly: boolean;
}

/** Connects to a database, reads its version and disconnects. Nothing is created in the database. Throws StoreError. */
export async function visitPostgres({ url, env, clock, timeoutMs }: VisitOptions): Promise<PostgresVisit> {
  const target = parseTarget(url, env);
  const isOver = new AbortController();
  const late = clock.sleep(timeoutMs, isOver.signal).then((): never => {
    throw new Error(`no answer within ${timeoutMs / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    const { version, isReadOnly } = await Promise.race([visitClient(target, APPLICATION, isOver.signal), late]);
    return { printed: target.printed, version, isReadOnly };
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    const reason =
      cause instanceof Error && cause.message !== "" ? cause.message : String((cause as { code?: unknown }).code);
    throw new StoreError(`the store ${target.printed} cannot be reached: ${reason}`, { cause });
  } finally {
    isOver.abort(new Error("over"));
  }
}
