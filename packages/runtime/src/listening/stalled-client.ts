import type { ServerResponse } from "node:http";

/** When a client that does not read is cut off. */
export interface StallLimit {
  /** A client has stalled that takes no byte of its answer for so long. */
  readonly stalledMs: number;
  /** Called when a client has stalled: does anybody need what its answer holds? False leaves the connection alone. */
  readonly isNeeded: () => boolean;
  /** Called before the connection is cut off. */
  readonly onCut: (remoteAddress: string | undefined) => void;
}

/** Cuts off the client of an answer if it stalls from now on. May be called again for the same answer. */
export function cutWhenStalled(response: ServerResponse, { stalledMs, isNeeded, onCut }: StallLimit): void {
  const { socket } = response;
  if (socket === null) return;
  if (response.listenerCount("timeout") === 0) {
    response.on("timeout", () => {
      // Where nothing waits to be taken it is not the client that is slow.
      if (isNeeded() && socket.writableLength > 0) {
        onCut(socket.remoteAddress);
        socket.destroy();
      } else {
        socket.setTimeout(0);
      }
    });
    // Before Node sets the time for idle connections there.
    response.prependOnceListener("finish", () => socket.setTimeout(0));
  }
  // Node calls back when a socket's system call took no byte for so long, however large the answer.
  if (socket.timeout !== stalledMs) socket.setTimeout(stalledMs);
}
