import type { Client, CustomTypesConfig, QueryResult } from "pg";
import type Cursor from "pg-cursor";
import type { ReceivedBytes } from "../sql/received-bytes.ts";
import type { ResultReader } from "../sql/result-frame.ts";
import { type SqlSession, type SqlStatement, unlessAborted } from "../sql/sql-session.ts";
import { statementFailure } from "./postgres-failure.ts";
import { BYTEA, byteaText, columnKind } from "./postgres-types.ts";

/** Number of rows in the first part of a result, from which the number of columns becomes known. */
const FIRST_ROWS = 100;
/** Maximum number of rows and cells that are decoded without a pause. */
const PART_ROWS = 2000;
const PART_CELLS = 10_000;

/** Disables decoding in the driver, because the columns decode the texts. */
const AS_TEXT: CustomTypesConfig = {
  getTypeParser: (typeId: number) => (typeId === BYTEA ? byteaText : (text: string) => text),
};

interface PostgresSourceSessionOptions {
  readonly client: Client;
  readonly received: ReceivedBytes;
  readonly newCursor: (sql: string, values: readonly string[], types: CustomTypesConfig) => Cursor<(string | null)[]>;
  /** Asks the server to cancel the running statement of the session. Never rejects. */
  readonly cancel: () => Promise<void>;
  readonly timeoutMs: number;
}

/** A session of PostgreSQL. Each statement runs in a read-only transaction, which is rolled back. */
export class PostgresSourceSession implements SqlSession {
  readonly #options: PostgresSourceSessionOptions;
  #isUsable = true;
  #onLost: (error: Error) => void = () => undefined;

  constructor(options: PostgresSourceSessionOptions) {
    this.#options = options;
    const { client } = options;
    // The driver does not report every error to a cursor. After an error without a statement, the session is not used
    // again.
    const lost = (error: Error): void => {
      this.#isUsable = false;
      this.#onLost(error);
    };
    client.on("error", lost);
    client.on("end", () => lost(new Error("Connection terminated unexpectedly")));
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  destroy(): void {
    this.#isUsable = false;
    this.#options.client.connection.stream.destroy();
  }

  async run(statement: SqlStatement, reader: ResultReader, signal: AbortSignal): Promise<void> {
    const refused = new AbortController();
    const either = AbortSignal.any([signal, refused.signal]);
    const { received } = this.#options;
    received.onStatementBytes = (bytes) => {
      try {
        reader.received(bytes);
      } catch (error) {
        refused.abort(error);
      }
    };
    const { promise: lost, reject } = Promise.withResolvers<never>();
    this.#onLost = reject;
    try {
      const work = Promise.race([this.#transaction(statement, reader, either), lost]);
      await unlessAborted(either, work, () => this.#stop());
    } catch (error) {
      throw either.aborted ? error : statementFailure(error);
    } finally {
      received.onStatementBytes = undefined;
      this.#onLost = () => undefined;
    }
  }

  #stop(): void {
    this.destroy();
    void this.#options.cancel();
  }

  async #transaction(statement: SqlStatement, reader: ResultReader, signal: AbortSignal): Promise<void> {
    const { client, timeoutMs } = this.#options;
    // After a statement that ends the transaction, the session's default still applies, which is read-only.
    await client.query(
      "SET default_transaction_read_only = on; BEGIN TRANSACTION READ ONLY; " +
        `SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`,
    );
    try {
      await this.#read(statement, reader, signal);
    } finally {
      if (this.#isUsable) await this.#rollback();
    }
  }

  /**
   * Ends the transaction, and removes state that would outlive it: advisory locks, settings, prepared statements. If
   * this fails, the session is not used again.
   */
  async #rollback(): Promise<void> {
    try {
      await this.#options.client.query("ROLLBACK");
      await this.#options.client.query("DISCARD ALL");
    } catch {
      this.#isUsable = false;
    }
  }

  async #read({ sql, values = [] }: SqlStatement, reader: ResultReader, signal: AbortSignal): Promise<void> {
    const { client, newCursor } = this.#options;
    const cursor = client.query(newCursor(sql, values, AS_TEXT));
    let rows = FIRST_ROWS;
    let hasBegun = false;
    for (;;) {
      const part = await nextRows(cursor, rows);
      if (signal.aborted) return;
      if (!hasBegun) {
        const { fields = [] } = part.result ?? {};
        reader.begin(fields.map(({ name, dataTypeID }) => ({ name, kind: columnKind(dataTypeID) })));
        hasBegun = true;
        const mayHaveMore = part.rows.length === rows;
        rows = Math.max(1, Math.min(PART_ROWS, Math.floor(PART_CELLS / Math.max(1, fields.length))));
        if (!takeRows(part.rows, reader)) return cursor.close();
        if (!mayHaveMore) return;
      } else {
        if (!takeRows(part.rows, reader)) return cursor.close();
        if (part.rows.length < rows) return;
      }
    }
  }
}

/** Passes rows to the reader. Returns false if the reader needs no further rows. */
const takeRows = (rows: readonly (readonly (string | null)[])[], reader: ResultReader): boolean =>
  rows.every((row) => reader.row(row));

interface Part {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly result: QueryResult | undefined;
}

const nextRows = (cursor: Cursor<(string | null)[]>, count: number): Promise<Part> =>
  new Promise((resolve, reject) => {
    cursor.read(count, (error, rows, result) => {
      if (error) reject(error);
      else resolve({ rows, result });
    });
  });
