import type { Client } from "pg";
import { type Clock, invariant, type Logger, type StateLog, logOnChange } from "@narthex/runtime";
import { StoreUnavailableError, StoreError } from "../store.ts";
import { destroyClient, connectClient, RefusedError } from "./connect-client.ts";
import type { Target } from "./target.ts";

export type Row = Readonly<Record<string, unknown>>;

/**
 * Time limit in ms for the answer to a statement. If the limit is exceeded, the statement fails and the session is
 * closed.
 */
const ANSWER_TIMEOUT_MS = 5000;
/** Default time in ms that a statement waits until a session is open. */
const PATIENCE_MS = 5000;
/** Time in ms that the program waits for a database when it starts. The database may be starting too. */
const START_PATIENCE_MS = 10_000;
/**
 * Interval in ms at which an idle session is tested. The operating system does not report a connection that was cut.
 */
const PING_MS = 2000;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 1000;
/** Maximum number of statements that wait for a session. */
const MAX_QUEUE = 10_000;
/**
 * Maximum number of attempts to run a statement. A statement is tried again if its session is lost, or if it fails
 * because of another statement (deadlock, lock timeout).
 */
const MAX_ATTEMPTS = 5;

const LOST_AGAINST_ANOTHER = new Set(["40001", "40P01", "55P03"]);
/**
 * Matches SQLSTATE codes that mean that the server is stopping or has become read-only. A new session may reach a
 * working server.
 */
const SESSION_OVER = /^(?:08|57P|25006|53300|XX000)/;

export interface StatementLimits {
  /** Time limit in ms from sending a statement to its answer. */
  readonly timeoutMs?: number;
  /**
   * Maximum time in ms to wait until a session is open. If the database has been unreachable for longer, the statement
   * fails at once.
   */
  readonly patienceMs?: number;
  /** Called before each attempt to send the statement. run() returns the rows of the last attempt. */
  readonly onSend?: () => void;
  /**
   * SQLSTATE code of an error that the caller expects. The statement then rejects with this error, but is not counted
   * as failed.
   */
  readonly refusal?: string;
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly timeoutMs: number;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: Error) => void;
  readonly cancelDeadline: () => void;
  readonly onSend: () => void;
  readonly refusal: string | undefined;
  attempts: number;
  isOver: boolean;
}

/** Counts for metrics. */
export interface PostgresSessionCounts {
  readonly connected: boolean;
  /** Number of opened sessions, and number of sessions that were lost or refused. */
  readonly connects: number;
  readonly failures: number;
  /** Number of statements that succeeded or failed as expected, and number of other failed statements. */
  readonly statements: number;
  readonly givenUp: number;
  /** Number of statements that are waiting or running. */
  readonly waiting: number;
}

export interface PostgresSessionOptions {
  readonly target: Target;
  /** Name of the database sessions in pg_stat_activity. */
  readonly application: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Returns a random number in [0, 1). */
  readonly random: () => number;
}

/**
 * A database session that is opened again when it is lost. Statements run one after the other, in the order of run().
 * If the session is lost, the current statement is sent again, so running a statement twice must do no harm.
 */
export class PostgresSession {
  readonly #options: PostgresSessionOptions;
  readonly #log: StateLog;
  readonly #queue: Statement[] = [];
  readonly #closed = new AbortController();
  #client: Client | undefined;
  #running: Statement | undefined;
  #abandon: (reason: Error) => void = () => undefined;
  #isOpening = false;
  /** Time when the last session ended, monotonic ms. */
  #awaySince: number;
  #lastFault = "not reached yet";
  #isAwayLogged = false;
  #connects = 0;
  #failures = 0;
  #statements = 0;
  #givenUp = 0;
  /** Called for each new session, before the waiting statements are sent. */
  onSession: () => void = () => undefined;
  /** Called with each notification that another session has sent. */
  onNotification: (payload: string) => void = () => undefined;
  #channel = "";

  constructor(options: PostgresSessionOptions) {
    this.#options = options;
    this.#log = logOnChange(options.logger.child({ store: options.target.printed }), "Reaching the store's database");
    this.#awaySince = options.clock.monotonic();
  }

  get counts(): PostgresSessionCounts {
    return {
      connected: this.#client !== undefined,
      connects: this.#connects,
      failures: this.#failures,
      statements: this.#statements,
      givenUp: this.#givenUp,
      waiting: this.#queue.length + (this.#running === undefined ? 0 : 1),
    };
  }

  /** Name of the sessions in pg_stat_activity. */
  get application(): string {
    return this.#options.application;
  }

  /** NOTIFY channel of the session; "" until the first session was opened. */
  get channel(): string {
    return this.#channel;
  }

  /**
   * Resolves when a session is open, or when the database was not reached in time. Rejects with StoreError if the
   * database refuses access.
   */
  async start(): Promise<void> {
    const { clock } = this.#options;
    const until = clock.monotonic() + START_PATIENCE_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, 1000)) {
      const fault = await this.#tryOpen();
      if (fault instanceof RefusedError) throw fault;
      if (fault === undefined) break;
      if (clock.monotonic() + pause > until) {
        void this.#reopen();
        break;
      }
      await clock.sleep(pause);
    }
    this.#ping();
  }

  /**
   * Runs a statement and returns its rows. Rejects with StoreUnavailableError if the database is unreachable, or with
   * StoreError if it refuses the statement.
   */
  run(text: string, values: readonly unknown[], limits: StatementLimits = {}): Promise<readonly Row[]> {
    const { clock } = this.#options;
    const { timeoutMs = ANSWER_TIMEOUT_MS, patienceMs = PATIENCE_MS, onSend = () => undefined, refusal } = limits;
    return new Promise((resolve, reject) => {
      const waited = this.#client === undefined ? clock.monotonic() - this.#awaySince : 0;
      if (waited >= patienceMs || this.#queue.length >= MAX_QUEUE || this.#closed.signal.aborted) {
        this.#givenUp++;
        reject(this.#away());
        return;
      }
      const statement: Statement = {
        text,
        values,
        timeoutMs,
        resolve,
        reject,
        cancelDeadline: clock.after(patienceMs - waited, () => this.#outOfPatience(statement)),
        onSend,
        refusal,
        attempts: 0,
        isOver: false,
      };
      this.#queue.push(statement);
      this.#pump();
    });
  }

  /** Closes the session. If it is open, first runs the waiting statements. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    const until = clock.monotonic() + ANSWER_TIMEOUT_MS;
    while (this.#client !== undefined && this.counts.waiting > 0 && clock.monotonic() < until) await clock.sleep(5);
    this.#closed.abort(new Error("the store is closed"));
    const client = this.#client;
    this.#client = undefined;
    for (const statement of this.#queue.splice(0)) this.#giveUp(statement);
    if (client === undefined) return;
    const cancel = clock.after(1000, () => destroyClient(client));
    await client.end().catch(() => undefined);
    cancel();
  }

  #away(): StoreUnavailableError {
    const place = `the store's database ${this.#options.target.printed}`;
    if (this.#client !== undefined) return new StoreUnavailableError(`${place} does not keep up`);
    return new StoreUnavailableError(`${place} is out of reach: ${this.#lastFault}`);
  }

  #giveUp(statement: Statement): void {
    this.#givenUp++;
    statement.cancelDeadline();
    statement.isOver = true;
    statement.reject(this.#away());
  }

  /**
   * Fails a statement that has waited too long for a session. If the statement is already running, it continues, but it
   * is not sent again if the session is lost.
   */
  #outOfPatience(statement: Statement): void {
    const at = this.#queue.indexOf(statement);
    statement.isOver = true;
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#giveUp(statement);
  }

  #pump(): void {
    const client = this.#client;
    if (client === undefined || this.#running !== undefined) return;
    const statement = this.#queue.shift();
    if (statement === undefined) return;
    this.#running = statement;
    void this.#send(client, statement).then(() => {
      this.#running = undefined;
      this.#pump();
    });
  }

  async #send(client: Client, statement: Statement): Promise<void> {
    const { clock } = this.#options;
    const cancel = clock.after(statement.timeoutMs, () =>
      this.#lose(client, `no answer within ${statement.timeoutMs / 1000} s`),
    );
    statement.attempts++;
    statement.onSend();
    // Rejects statements when the session ends, because the driver does not reject statements that are sent while its
    // socket is closing.
    const { promise: lost, reject: abandon } = Promise.withResolvers<never>();
    this.#abandon = abandon;
    try {
      const { rows } = await Promise.race([client.query<Row>(statement.text, [...statement.values]), lost]);
      this.#statements++;
      statement.cancelDeadline();
      statement.resolve(rows);
    } catch (error) {
      this.#failed(client, statement, error as Error & { readonly code?: string });
    } finally {
      cancel();
    }
  }

  #failed(client: Client, statement: Statement, error: Error & { readonly code?: string }): void {
    const { code } = error;
    const isLost = code === undefined || SESSION_OVER.test(code) || client !== this.#client;
    if (isLost) this.#lose(client, error.message);
    if (isLost && (statement.isOver || statement.attempts === MAX_ATTEMPTS)) {
      this.#giveUp(statement);
      return;
    }
    if (isLost || (LOST_AGAINST_ANOTHER.has(code) && statement.attempts < MAX_ATTEMPTS)) {
      this.#queue.unshift(statement);
      return;
    }
    if (code === statement.refusal) this.#statements++;
    else this.#givenUp++;
    statement.cancelDeadline();
    statement.reject(
      new StoreError(`the store's database ${this.#options.target.printed}: ${error.message}`, { cause: error }),
    );
  }

  /** Closes a session that cannot be used any more, and starts to open another session. */
  #lose(client: Client, fault: string): void {
    destroyClient(client);
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#abandon(new Error(fault));
    if (this.#closed.signal.aborted) return;
    this.#failures++;
    this.#lastFault = fault;
    this.#awaySince = this.#options.clock.monotonic();
    void this.#reopen();
  }

  async #reopen(): Promise<void> {
    if (this.#isOpening) return;
    this.#isOpening = true;
    const { clock, random } = this.#options;
    const { signal } = this.#closed;
    for (let pause = 0; !signal.aborted; pause = Math.min(Math.max(2 * pause, FIRST_PAUSE_MS), LAST_PAUSE_MS)) {
      // Waits for a random time, because all instances lose their connection to a database at the same time.
      await clock.sleep(pause * (0.5 + random() / 2), signal).catch(() => undefined);
      if (signal.aborted || (await this.#tryOpen()) === undefined) break;
    }
    this.#isOpening = false;
  }

  /** Tries to open a session. Returns the error, or undefined if it is open. */
  async #tryOpen(): Promise<Error | undefined> {
    const { target, application, clock } = this.#options;
    try {
      const { client, channel } = await connectClient(target, application, clock);
      if (this.#closed.signal.aborted) destroyClient(client);
      else this.#take(client, channel);
      return undefined;
    } catch (error) {
      invariant(error instanceof Error, "the driver throws errors", { error });
      this.#failures++;
      this.#lastFault = sentence(error);
      this.#logFault(error);
      return error;
    }
  }

  /**
   * Logs the reason why no session is open. While the server restarts, only its first error is logged. A refusal is
   * always logged, because an administrator must act, unless no session was open before: the start then fails with the
   * message of the refusal.
   */
  #logFault(error: Error): void {
    const isRefused = error instanceof RefusedError;
    if (isRefused ? this.#connects === 0 : this.#isAwayLogged) return;
    this.#isAwayLogged ||= !isRefused;
    this.#log.failed(this.#lastFault);
  }

  #take(client: Client, channel: string): void {
    this.#client = client;
    this.#channel = channel;
    this.#connects++;
    this.#isAwayLogged = false;
    this.#log.succeeded();
    client.on("error", (error) => this.#lose(client, error.message));
    client.on("end", () => this.#lose(client, "the connection was closed"));
    const own = (client as unknown as { readonly processID: number }).processID;
    client.on("notification", ({ processId, payload }) => {
      if (processId !== own && payload !== undefined) this.onNotification(payload);
    });
    this.onSession();
    this.#pump();
  }

  #ping(): void {
    this.#options.clock.after(PING_MS, () => {
      if (this.#closed.signal.aborted) return;
      if (this.#client !== undefined && this.counts.waiting === 0) this.run("SELECT 1", []).catch(() => undefined);
      this.#ping();
    });
  }
}

/** Returns the message of an error. If several addresses were tried, joins their messages. */
const sentence = (error: Error): string =>
  error instanceof AggregateError && error.message === ""
    ? error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join("; ")
    : error.message;
