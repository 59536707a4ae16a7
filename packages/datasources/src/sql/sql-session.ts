import { reasonOf } from "@narthex/runtime";
import type { ResultReader } from "./result-frame.ts";
import type { PooledSession } from "./session-pool.ts";

/** A statement with the values of its parameters. Values are never written into the text. */
export interface SqlStatement {
  readonly sql: string;
  readonly values?: readonly string[];
}

/** An open connection that runs one statement after the other, each in a read-only transaction. */
export interface SqlSession extends PooledSession {
  /**
   * Runs a statement and passes its result to the reader. If the signal aborts, or the reader refuses the result, the
   * statement is cancelled on the server, and the connection is not used again.
   */
  run(statement: SqlStatement, reader: ResultReader, signal: AbortSignal): Promise<void>;
}

/**
 * Waits for work. If the signal aborts first, calls `stop` and rejects with the signal's reason; the later result of
 * the work is ignored.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>, stop: () => void): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => {
    stop();
    reject(reasonOf(signal));
  };
  work.catch(() => undefined);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
