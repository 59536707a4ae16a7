import type { AnswerBudget } from "./answer-budget.ts";

/** Maximum number of turns of the event loop between two requests that are reserved for accepting connections. */
const MAX_FOR_CONNECTIONS = 50;

/**
 * Begins one request in each turn of the event loop, so that other work runs between two requests. Serves the clients
 * in rotation, except for clients with too many unread answers. While new connections arrive, some turns only accept
 * connections, because Node accepts one connection per turn.
 */
export class RequestTurns {
  readonly #answers: AnswerBudget;
  /** Waiting requests by client, in the order in which the clients are served next. */
  readonly #waiting = new Map<string, Set<() => void>>();
  /** True if the event loop's next turn will choose the next request. */
  #isArmed = false;
  #isAccepting = false;
  #leftToConnections = 0;

  constructor(answers: AnswerBudget) {
    this.#answers = answers;
  }

  /** Records that a connection was accepted in this turn of the event loop. */
  accepted(): void {
    this.#isAccepting = true;
  }

  /** Calls `run` now, or when this client may begin a request. The returned function cancels the call. */
  take(client: string, run: () => void): () => void {
    const isFree = !this.#isArmed && this.#answers.hasRoom(client);
    this.#arm();
    if (isFree) {
      run();
      return () => {};
    }
    const waiting = this.#waiting.get(client);
    if (waiting === undefined) this.#waiting.set(client, new Set([run]));
    else waiting.add(run);
    return () => this.#giveUp(client, run);
  }

  #giveUp(client: string, run: () => void): void {
    const waiting = this.#waiting.get(client);
    if (waiting?.delete(run) === true && waiting.size === 0) this.#waiting.delete(client);
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => {
      this.#isArmed = false;
      const isAccepting = this.#isAccepting;
      this.#isAccepting = false;
      if (this.#waiting.size === 0) return;
      if (isAccepting && this.#leftToConnections++ < MAX_FOR_CONNECTIONS) this.#arm();
      else this.#next();
    });
  }

  #next(): void {
    this.#leftToConnections = 0;
    for (const [client, runs] of this.#waiting) {
      if (!this.#answers.hasRoom(client)) continue;
      this.#waiting.delete(client);
      const [run] = runs as unknown as [() => void];
      runs.delete(run);
      if (runs.size > 0) this.#waiting.set(client, runs);
      this.#arm();
      run();
      return;
    }
    this.#answers.awaitRoom(() => this.#arm());
  }
}
