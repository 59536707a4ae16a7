import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ColumnKind } from "../sql/result-columns.ts";
import type { ResultReader } from "../sql/result-frame.ts";
import { type SqlSession, type SqlStatement, unlessAborted } from "../sql/sql-session.ts";
import { QueryFailure } from "../query-failure.ts";
import type { LoadRequest, SqliteAnswer, SqliteRequest } from "./sqlite-messages.ts";

/** Largest heap of the process in MB. Rows are sent in small batches. */
const HEAP_MB = 64;

/** Kinds of columns by the type in the definition of the table. Columns of other types are of the kind of their values. */
const KINDS: ReadonlyMap<string, ColumnKind> = new Map([
  ["INTEGER", "integer"],
  ["INT", "integer"],
  ["REAL", "number"],
  ["NUMERIC", "integer"],
  ["DOUBLE", "number"],
  ["FLOAT", "number"],
  ["TEXT", "string"],
  ["BLOB", "string"],
  ["NULL", "string"],
]);
/** Kinds of the columns of tables in memory. Texts of times become times after the statement. */
const MEMORY_KINDS: ReadonlyMap<string, ColumnKind> = new Map([
  ["REAL", "number"],
  ["TEXT", "string"],
  ["BOOLEAN", "boolean"],
  ["DATETIME TEXT", "string"],
]);

/** A process that has opened a SQLite file for reading, or tables in memory. */
export class SqliteSession implements SqlSession {
  readonly #process: ChildProcess;
  readonly #kinds: ReadonlyMap<string, ColumnKind>;
  #isUsable = true;
  #answered: PromiseWithResolvers<SqliteAnswer> | undefined;

  private constructor(kinds = KINDS) {
    this.#kinds = kinds;
    const file = import.meta.url.endsWith(".ts") ? "./sqlite-process.ts" : "./sqlite-process.js";
    this.#process = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
      execArgv: [`--max-old-space-size=${HEAP_MB}`, "--disable-warning=ExperimentalWarning"],
      // The variables of the role may contain secrets, which the process does not need.
      env: {},
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#process.on("message", (answer: SqliteAnswer) => {
      const answered = this.#answered;
      this.#answered = undefined;
      answered?.resolve(answer);
    });
    this.#process.on("error", () => this.#lost());
    this.#process.on("exit", () => this.#lost());
  }

  /** Starts a process and opens a file. Rejects with QueryFailure, or with the signal's reason. */
  static async open(file: string, signal: AbortSignal): Promise<SqliteSession> {
    const session = new SqliteSession();
    try {
      await unlessAborted(signal, session.#ask({ kind: "open", file }), () => session.destroy());
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  /** Starts a process without a file. `load` then creates its tables. */
  static inMemory(): SqliteSession {
    return new SqliteSession(MEMORY_KINDS);
  }

  /** Changes the tables in memory. Rejects with QueryFailure, or with the signal's reason. */
  async load(request: LoadRequest, signal: AbortSignal): Promise<void> {
    try {
      await unlessAborted(signal, this.#ask(request), () => this.destroy());
    } catch (error) {
      this.destroy();
      throw error;
    }
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  destroy(): void {
    this.#isUsable = false;
    this.#process.kill("SIGKILL");
  }

  async run({ sql, values = [] }: SqlStatement, reader: ResultReader, signal: AbortSignal): Promise<void> {
    try {
      await unlessAborted(signal, this.#read({ kind: "run", sql, values }, reader), () => this.destroy());
    } catch (error) {
      // A statement that SQLite refuses leaves the process usable. After any other failure, rows may still arrive.
      if (!(error instanceof StatementFailure)) this.destroy();
      throw error;
    }
  }

  async #read(request: SqliteRequest, reader: ResultReader): Promise<void> {
    const header = await this.#ask(request);
    if (header.kind !== "columns") throw new Error(`SQLite's process sent ${header.kind} instead of columns`);
    reader.begin(
      header.columns.map(({ name, type }) => ({ name, kind: this.#kinds.get(type?.toUpperCase() ?? "") ?? "any" })),
    );
    for (;;) {
      const batch = await this.#ask({ kind: "next" });
      if (batch.kind !== "rows") throw new Error(`SQLite's process sent ${batch.kind} instead of rows`);
      reader.received(batch.bytes);
      for (const row of batch.rows)
        if (!reader.row(row)) {
          this.destroy();
          return;
        }
      if (batch.isLast) return;
    }
  }

  /** Sends a request and waits for its answer. Rejects with QueryFailure if SQLite refuses it or the process ends. */
  async #ask(request: SqliteRequest): Promise<SqliteAnswer> {
    if (!this.#isUsable) throw ended();
    this.#answered = Promise.withResolvers();
    this.#process.send(request);
    const answer = await this.#answered.promise;
    if (answer.kind === "failure") throw new StatementFailure(400, answer.message);
    return answer;
  }

  #lost(): void {
    this.#isUsable = false;
    this.#answered?.reject(ended());
    this.#answered = undefined;
  }
}

/** Thrown if SQLite refuses a statement or a file. */
class StatementFailure extends QueryFailure {}

const ended = (): QueryFailure =>
  new QueryFailure(
    502,
    "the process that runs SQLite has ended; a statement that needs more than 512 MiB of memory ends it: select or sort fewer rows",
  );
