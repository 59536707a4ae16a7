import type { Client } from "pg";
import { type Clock, invariant, type Logger, type StateLog, logOnChange } from "@narthex/runtime";
import { StoreUnavailableError, StoreError } from "../store.ts";
import { destroyClient, connectClient, RefusedError } from "./connect-client.ts";
import type { Target } from "./target.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Time limit of a statement's answer; after it the statement and the session are given up. */
const ANSWER_TIMEOUT_MS = 5000;
/** Default time that a statement waits for a session. */
const PATIENCE_MS = 5000;
/** Time that the start waits for a database, which may be starting too. */
const START_PATIENCE_MS = 10_000;
/** Interval of testing an idle session, because a cut connection is not reported. */
const PING_MS = 2000;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 1000;
/** Maximum number of waiting statements. */
const MAX_QUEUE = 10_000;
/** Maximum number of attempts of a statement that lost against another one (deadlock, lock timeout). */
const MAX_ATTEMPTS = 5;

const LOST_AGAINST_ANOTHER = new Set(["40001", "40P01", "55P03"]);
/** The server stops, or has become read-only: another session may reach a better one. */
const SESSION_OVER = /^(?:08|57P|25006|53300|XX000)/;

export interface StatementLimits {
  /** Maximum time between sending and answer. */
  readonly timeoutMs?: number;
  /** Maximum wait for a session. If the database has been unreachable for longer, the statement fails at once. */
  readonly patienceMs?: number;
  /** Called each time that the statement is about to be sent; the result belongs to the last one. */
  readonly onSend?: () => void;
  /** SQLSTATE of an expected refusal. The statement rejects with it, and counts as answered. */
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
  /** Number of opened sessions, and of lost or refused ones. */
  readonly connects: number;
  readonly failures: number;
  /** Number of answered statements, and of those that were given up. */
  readonly statements: number;
  readonly givenUp: number;
  /** Number of waiting or running statements. */
  readonly waiting: number;
}

export interface PostgresSessionOptions {
  readonly target: Target;
  /** Name of the sessions in pg_stat_activity. */
  readonly application: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Random number in [0, 1). */
  readonly random: () => number;
}

/**
 * One session of the database, which is opened again whenever it is lost. Statements run one after the other, in the
 * order of run(). A statement whose session is lost is sent again, so running it twice must be harmless.
 */
export class PostgresSession {
  readonly #options: PostgresSessionOptions;
  readonly #log: StateLog;
  readonly #queue: Statement[] = [];
  readonly #closed = new AbortController();
  #client: Client | undefined;
  #running: Statement | undefined;
  /** Fails the running statement. */
  #abandon: (reason: Error) => void = () => undefined;
  #isOpening = false;
  /** Monotonic ms of the last session's end. */
  #awaySince: number;
  #lastFault = "not reached yet";
  #isAwayLogged = false;
  #connects = 0;
  #failures = 0;
  #statements = 0;
  #givenUp = 0;
  /** Called for each new session, before waiting statements are sent. */
  onSession: () => void = () => undefined;
  /** Called with notifications of other sessions. */
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

  /** Channel of NOTIFY; known after the first session was opened. */
  get channel(): string {
    return this.#channel;
  }

  /**
   * Resolves when a session is open, or when the database was not reached in time. Throws StoreError if the database
   * refuses access.
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
   * Returns the rows of a statement. Rejects with StoreUnavailableError if the database is unreachable, with StoreError
   * if it refuses the statement.
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

  /** Completes waiting statements while a session is open, then closes it. */
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

  /** A running statement waits for its answer or its own timeout. */
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
    // The driver does not fail statements sent while its socket was closing; the end of the session does.
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

  /** Closes a session that cannot be used any more, and begins to open another. */
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
      // The delays differ, because all instances lose a database at the same time.
      await clock.sleep(pause * (0.5 + random() / 2), signal).catch(() => undefined);
      if (signal.aborted || (await this.#tryOpen()) === undefined) break;
    }
    this.#isOpening = false;
  }

  /** Opens a session. Returns the error, or undefined. */
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
   * A restarting server reports various errors, which all count as one state: unreachable. A refusal is another state,
   * which an administrator must fix; at the start it ends the process with the same message.
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

/** The error of a connection that was tried at several addresses contains a message for each and none of its own. */
const sentence = (error: Error): string =>
  error instanceof AggregateError && error.message === ""
    ? error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join("; ")
    : error.message;
