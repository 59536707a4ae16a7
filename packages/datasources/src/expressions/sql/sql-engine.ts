import { type Clock, reasonOf } from "@narthex/runtime";
import type { QuerySlots } from "../../cache/query-slots.ts";
import { withDeadline } from "../../outgoing/source-client.ts";
import { QueryFailure } from "../../query-failure.ts";
import { ResultReader } from "../../sql/result-frame.ts";
import { SessionPool } from "../../sql/session-pool.ts";
import { StartRate } from "../../sqlite/start-rate.ts";
import type { SqliteSession } from "../../sqlite/sqlite-session.ts";
import type { SqlEngine, SqlRows, SqlStatementRequest, SqlTable } from "../../sql-engine.ts";
import { batchesOf, checkTables } from "./table-of-frames.ts";
import { toSqlite } from "./to-sqlite.ts";

/** Largest number of processes that run SQL expressions. Each needs about 60 MB of memory while it is open. */
const MAX_PROCESSES = 2;
/** Largest time of a statement, with the time for its tables, ms. As in Grafana. */
const TIMEOUT_MS = 10_000;
const MAX_ROWS = 100_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** Name under which the slots of queries count SQL expressions. */
const SLOT = "__expr__";

export interface SqlEngineOptions {
  readonly clock: Clock;
  readonly slots: QuerySlots;
  readonly timeoutMs?: number;
}

/**
 * The engine of SQL expressions: SQLite with the functions of MySQL. The statement reads tables in the memory of another
 * process. That process has no file and no secret, and a statement that takes too long ends it.
 */
export class SqliteEngine implements SqlEngine {
  readonly #options: SqlEngineOptions;
  readonly #pool: SessionPool<SqliteSession>;
  /** The end of the last statement of each user who has one. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: SqlEngineOptions) {
    this.#options = options;
    const starts = new StartRate(options.clock);
    this.#pool = new SessionPool({
      maxOpen: MAX_PROCESSES,
      maxIdle: 1,
      maxLifetimeMs: 3_600_000,
      clock: options.clock,
      open: async (signal) => {
        await starts.take(signal);
        const { SqliteSession } = await import("../../sqlite/sqlite-session.ts");
        return SqliteSession.inMemory();
      },
    });
  }

  async run({ sql, tables, user, cells, signal }: SqlStatementRequest): Promise<SqlRows> {
    const statement = toSqlite(sql);
    checkTables(tables);
    const { clock, slots, timeoutMs = TIMEOUT_MS } = this.#options;
    const runIn = async (session: SqliteSession, reader: ResultReader): Promise<void> => {
      const deadline = withDeadline(clock, timeoutMs, signal);
      try {
        await loadTables(session, tables, clock.now(), deadline.signal);
        await session.run({ sql: statement }, reader, deadline.signal);
      } catch (error) {
        if (deadline.signal.aborted) throw signal.aborted ? reasonOf(signal) : tooSlow(timeoutMs);
        throw error instanceof QueryFailure ? explained(error, tables) : error;
      } finally {
        deadline.end();
      }
    };
    return slots.run(user, SLOT, signal, async (count) => {
      const reader = new ResultReader({ maxBytes: MAX_BYTES, cells, count, maxRows: MAX_ROWS });
      await this.#inTurn(user, () => this.#pool.use(signal, (session) => runIn(session, reader)));
      return reader;
    });
  }

  /** Runs the statements of a user one after the other, so that slow statements of one user leave a process to others. */
  async #inTurn(user: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(user);
    const ended = Promise.withResolvers<void>();
    this.#turns.set(user, ended.promise);
    try {
      await before;
      await work();
    } finally {
      ended.resolve();
      if (this.#turns.get(user) === ended.promise) this.#turns.delete(user);
    }
  }

  close(): void {
    this.#pool.close();
  }
}

async function loadTables(
  session: SqliteSession,
  tables: readonly SqlTable[],
  nowMs: number,
  signal: AbortSignal,
): Promise<void> {
  await session.load({ kind: "memory", nowMs }, signal);
  const taken = { text: 0 };
  for (const table of tables) {
    const { name, columns, sortedBy } = table;
    await session.load({ kind: "table", name, columns }, signal);
    for (const rows of batchesOf(table, taken)) await session.load({ kind: "insert", rows }, signal);
    if (sortedBy.length > 0) await session.load({ kind: "sort", columns: sortedBy }, signal);
  }
  await session.load({ kind: "readonly" }, signal);
}

const tooSlow = (timeoutMs: number): QueryFailure =>
  new QueryFailure(
    504,
    `the statement took more than ${timeoutMs / 1000} s; read fewer rows, or join on fewer of them`,
  );

/** Adds to the message of SQLite what the statement could have named instead. */
function explained({ status, message }: QueryFailure, tables: readonly SqlTable[]): QueryFailure {
  const text = message.replace(/^SQL logic error: /, "").replace(/ \(\d+\)$/, "");
  const unknown =
    /^no such function: (.{1,100})$/.exec(text) ?? /^not authorized to use function: (.{1,100})$/.exec(text);
  if (unknown !== null)
    return new QueryFailure(
      status,
      `the function ${unknown[1]!.toUpperCase()} is not available in SQL expressions; docs/data-sources.md lists the functions`,
    );
  if (text.startsWith("no such column"))
    return new QueryFailure(status, `${text}; ${tables.map(described).join("; ")}`);
  if (text.includes("not authorized") || text.includes("is prohibited"))
    return new QueryFailure(status, "a SQL expression may only read the tables of the other queries");
  if (text === "incomplete input")
    return new QueryFailure(status, "the statement is incomplete; close each parenthesis and CASE, and write FROM A");
  return new QueryFailure(status, text);
}

const MAX_NAMED = 30;

const described = ({ name, columns }: SqlTable): string =>
  `table ${name} has the columns ${columns
    .slice(0, MAX_NAMED)
    .map((column) => column.name)
    .join(", ")}${columns.length > MAX_NAMED ? " and others" : ""}`;
