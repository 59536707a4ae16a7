import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/**
 * A TCP proxy that can simulate a broken network. After a cut, no bytes pass and neither end is informed. Connections
 * that are open at the cut stay dead; new connections wait for the repair.
 */
export class CuttableLine implements AsyncDisposable {
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  readonly #server = createServer({ allowHalfOpen: true }, (near) => this.#carry(near));
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  static async to(port: number): Promise<CuttableLine> {
    const line = new CuttableLine(port);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  repair(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(near: Socket): void {
    const far = connect(this.#port, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("data", (bytes) => {
        // After a cut, bytes that the proxy has received but not forwarded are lost.
        if (!this.#isCut) other.write(bytes);
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        if (!this.#isCut) other.destroy();
      });
      socket.on("end", () => {
        if (!this.#isCut) other.end();
      });
      if (this.#isCut) socket.pause();
    }
  }
}
