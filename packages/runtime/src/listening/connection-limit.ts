import type { Socket } from "node:net";

/** Connections that may wait, as many as the kernel keeps for a listener that does not accept. */
const MAX_WAITING = 4096;

/** Serves so many connections at once, of whatever listener; more wait unread until one of those is closed. */
export class ConnectionLimit {
  readonly #limit: number;
  readonly #waiting = new Map<Socket, () => void>();
  #open = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Serves a fresh connection now, or when its time comes. */
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

  /** Ends those that wait. */
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
