import type { Connection, FieldPacket, Query } from "mysql2";
import type { ReceivedBytes } from "../sql/received-bytes.ts";
import type { ResultReader } from "../sql/result-frame.ts";
import { type SqlSession, type SqlStatement, unlessAborted } from "../sql/sql-session.ts";
import { statementFailure } from "./mysql-failure.ts";
import { columnKind } from "./mysql-types.ts";

type Cell = Buffer | string | number | null;

interface MysqlSessionOptions {
  readonly connection: Connection;
  readonly received: ReceivedBytes;
  /** Cancels the running statement of a connection. Never rejects. */
  readonly kill: (connectionId: number) => Promise<void>;
  /** Applies the settings of the session, which a reset removes. */
  readonly prepare: (session: MysqlSession) => Promise<void>;
}

/** Error codes of servers that do not support read-only transactions: syntax error, not supported. */
const UNKNOWN_STATEMENT: ReadonlySet<number> = new Set([1064, 1235]);

/** A session of MySQL or MariaDB. Each statement runs in a read-only transaction, which is rolled back. */
export class MysqlSession implements SqlSession {
  readonly #options: MysqlSessionOptions;
  #isUsable = true;
  #onLost: (error: Error) => void = () => undefined;

  constructor(options: MysqlSessionOptions) {
    this.#options = options;
    options.connection.on("error", (error) => {
      this.#isUsable = false;
      this.#onLost(error);
    });
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  destroy(): void {
    this.#isUsable = false;
    this.#options.connection.destroy();
    // Fails the running statement, because the driver never calls back after the connection was destroyed.
    this.#onLost(new Error("Connection lost: the connection was closed"));
  }

  /** Runs a statement without a result. */
  ask(sql: string, values: readonly string[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#options.connection.query(sql, [...values], (error) => (error === null ? resolve() : reject(error)));
    });
  }

  async run(statement: SqlStatement, reader: ResultReader, signal: AbortSignal): Promise<void> {
    const refused = new AbortController();
    const either = AbortSignal.any([signal, refused.signal]);
    const { received, connection } = this.#options;
    const { stream } = connection as unknown as { readonly stream: NodeJS.ReadableStream };
    received.onStatementBytes = (bytes) => {
      // Pauses the socket, because Node would otherwise read up to 2 MiB of the result in one turn of the event loop.
      stream.pause();
      setImmediate(() => stream.resume());
      try {
        reader.received(bytes);
      } catch (error) {
        refused.abort(error);
      }
    };
    try {
      const { promise: lost, reject } = Promise.withResolvers<never>();
      this.#onLost = reject;
      const work = Promise.race([this.#transaction(statement, reader, (error) => refused.abort(error)), lost]);
      await unlessAborted(either, work, () => this.#stop());
    } catch (error) {
      throw either.aborted ? error : statementFailure(error);
    } finally {
      received.onStatementBytes = undefined;
    }
  }

  #stop(): void {
    const { connection, kill } = this.#options;
    this.destroy();
    void kill(connection.threadId);
  }

  async #transaction(statement: SqlStatement, reader: ResultReader, refuse: (error: unknown) => void): Promise<void> {
    await this.#begin();
    try {
      await this.#read(statement, reader, refuse);
    } finally {
      if (this.#isUsable) await this.#rollback();
    }
  }

  async #begin(): Promise<void> {
    try {
      await this.ask("START TRANSACTION READ ONLY");
    } catch (error) {
      if (!UNKNOWN_STATEMENT.has((error as { readonly errno?: number }).errno ?? 0)) throw error;
      await this.ask("START TRANSACTION");
    }
  }

  /**
   * Ends the transaction, and removes state that would outlive it: locks, variables, settings. If this fails, the
   * session is not used again.
   */
  async #rollback(): Promise<void> {
    try {
      await this.ask("ROLLBACK");
      await this.#reset();
      await this.#options.prepare(this);
    } catch {
      this.#isUsable = false;
    }
  }

  #reset(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#options.connection.reset((error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Reads the first result of a statement. Procedures may return further results, which are left out. */
  #read({ sql, values }: SqlStatement, reader: ResultReader, refuse: (error: unknown) => void): Promise<void> {
    const { connection } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A value of a prepared statement is never written into the text, whatever the sql_mode of the server is.
    const query: Query =
      values === undefined
        ? connection.query({ sql, rowsAsArray: true, typeCast: false })
        : connection.execute({ sql, values: [...values], rowsAsArray: true });
    let decoders: readonly ((cell: Buffer) => string)[] | undefined;
    let isDone = false;
    const whileRead = (take: () => void): void => {
      if (isDone) return;
      try {
        take();
      } catch (error) {
        isDone = true;
        refuse(error);
      }
    };
    query.on("fields", (fields: readonly FieldPacket[] | undefined) => {
      if (fields === undefined || decoders !== undefined) return;
      whileRead(() => {
        const columns = fields.map(({ name, columnType = 0 }) => ({ name, kind: columnKind(columnType) }));
        decoders = columns.map(({ kind }) => (kind === "string" ? utf8 : latin1));
        reader.begin(columns);
      });
    });
    query.on("result", (row: unknown, index: number) => {
      if (!Array.isArray(row) || index !== 0) return;
      whileRead(() => {
        if (reader.row((row as readonly Cell[]).map((cell, i) => textOf(cell, decoders![i]!)))) return;
        isDone = true;
        // The rest of the result is not read, so closing the connection must not fail the statement, which has
        // succeeded.
        this.#onLost = () => undefined;
        this.#stop();
        resolve();
      });
    });
    query.on("error", reject);
    query.on("end", () => resolve());
    return promise;
  }
}

const utf8 = (cell: Buffer): string => cell.toString("utf8");
const latin1 = (cell: Buffer): string => cell.toString("latin1");

const textOf = (cell: Cell, decode: (cell: Buffer) => string): string | null =>
  cell === null ? null : typeof cell === "object" ? decode(cell) : String(cell);
