import type { Socket } from "node:net";

/**
 * Maximum number of waiting connections; further connections are closed immediately. The kernel has the same limit for
 * a listener that does not accept connections.
 */
const MAX_WAITING = 4096;

/**
 * Limits the number of connections that are served at the same time over all listeners. Other connections wait, unread,
 * until a served connection is closed.
 */
export class ConnectionLimit {
  readonly #limit: number;
  readonly #waiting = new Map<Socket, () => void>();
  #open = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Serves a new connection now, or later when a served connection has closed. */
  admit(socket: Socket, serve: () => void): void {
    if (this.#open < this.#limit) {
      this.#serve(socket, serve);
      return;
    }
    if (this.#waiting.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    const giveUp = (): void => {
      this.#waiting.delete(socket);
      socket.destroy();
    };
    socket.pause().once("error", giveUp).once("end", giveUp).once("close", giveUp);
    this.#waiting.set(socket, () => {
      socket.off("error", giveUp).off("end", giveUp).off("close", giveUp);
      this.#serve(socket, serve);
    });
  }

  close(): void {
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  #serve(socket: Socket, serve: () => void): void {
    this.#open++;
    socket.once("close", () => {
      this.#open--;
      const next = this.#waiting.entries().next();
      if (next.done === true) return;
      const [waiting, run] = next.value;
      this.#waiting.delete(waiting);
      run();
    });
    serve();
  }
}
