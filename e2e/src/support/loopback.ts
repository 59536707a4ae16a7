import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Makes a server listen on the loopback interface, by default on a free port. Disposing of the result closes the
 * server's connections.
 */
export async function onLoopback(server: Server, port = 0): Promise<AsyncDisposable & { port: number }> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
