import type { ServerResponse } from "node:http";

/** Conditions for disconnecting a client that does not read. */
export interface StallLimit {
  /** Time in ms without reading a byte of its answer after which a client has stalled. */
  readonly stalledMs: number;
  /**
   * Called when a client has stalled. Returns true if other clients need the memory of this client's answer; otherwise
   * the connection is kept.
   */
  readonly isNeeded: () => boolean;
  /** Called before the connection is closed. */
  readonly onCut: (remoteAddress: string | undefined) => void;
}

/** Disconnects the client of an answer if the client stalls from now on. May be called several times for one answer. */
export function cutWhenStalled(response: ServerResponse, { stalledMs, isNeeded, onCut }: StallLimit): void {
  const { socket } = response;
  if (socket === null) return;
  if (response.listenerCount("timeout") === 0) {
    response.on("timeout", () => {
      // Bytes that wait to be sent show that the client has stalled. Otherwise this server has not written more yet.
      if (isNeeded() && socket.writableLength > 0) {
        onCut(socket.remoteAddress);
        socket.destroy();
      } else {
        socket.setTimeout(0);
      }
    });
    // Adds the listener before others, so that it runs before Node sets its timeout for idle connections.
    response.prependOnceListener("finish", () => socket.setTimeout(0));
  }
  // Node calls back if the socket has sent no byte for `stalledMs`, however long the answer is.
  if (socket.timeout !== stalledMs) socket.setTimeout(stalledMs);
}
