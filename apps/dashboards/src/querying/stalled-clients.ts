import type { Clock } from "@narthex/runtime";
import type { FastifyReply } from "fastify";

/** Time after which a client that takes nothing of its answer is disconnected, in ms. */
export const STALLED_MS = 60_000;
/** Interval of the checks whether the client takes bytes, in ms. */
export const CHECK_MS = 10_000;

/** The parts of a response that the checks read. */
interface SentResponse {
  readonly destroyed: boolean;
  readonly writableLength: number;
  /** Null until the response is the first one of its connection. */
  readonly socket: object | null;
  once(event: "close", listener: () => void): unknown;
}

/** The parts of a connection that the checks read. */
interface SentSocket {
  readonly bytesWritten: number;
  readonly writableLength: number;
  destroy(): unknown;
}

/**
 * Disconnects the client of a response if it takes nothing for a minute. Without this, a client that does not read
 * would hold the memory of its answer. A response that waits for a data source is not affected.
 */
export function endIfStalled({ raw, request }: FastifyReply, clock: Clock): void {
  watchResponse(raw, request.raw.socket, clock);
}

export function watchResponse(response: SentResponse, socket: SentSocket, clock: Clock): void {
  let [taken, since] = [-1, clock.monotonic()];
  const check = (): void => {
    if (response.destroyed) return;
    const now = clock.monotonic();
    // Bytes that the operating system has accepted.
    const accepted = socket.bytesWritten - socket.writableLength;
    const hasRest = response.socket !== null && response.writableLength > 0;
    if (!hasRest || accepted !== taken) [taken, since] = [accepted, now];
    else if (now - since >= STALLED_MS) {
      socket.destroy();
      return;
    }
    cancel = clock.after(CHECK_MS, check);
  };
  let cancel = clock.after(CHECK_MS, check);
  response.once("close", () => cancel());
}
