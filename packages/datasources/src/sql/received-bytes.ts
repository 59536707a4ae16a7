import { QueryFailure } from "../query-failure.ts";

/** Largest number of bytes that a server sends while no statement runs, such as during the login. */
const MAX_OTHER_BYTES = 1024 * 1024;

/** Counts the bytes that a server sends on a connection, before the driver reads them. */
export class ReceivedBytes {
  /** Receives the number of bytes that arrive while a statement runs. */
  onStatementBytes: ((bytes: number) => void) | undefined;
  #others = 0;

  /** Throws QueryFailure if the server sends too much. */
  take(bytes: number): void {
    if (this.onStatementBytes !== undefined) {
      this.onStatementBytes(bytes);
      return;
    }
    this.#others += bytes;
    if (this.#others > MAX_OTHER_BYTES)
      throw new QueryFailure(502, "the data source cannot be reached: it sent more than 1 MiB without a statement");
  }
}

/** The part of a socket that a guarded reader uses. */
interface ReadSocket {
  readonly destroyed: boolean;
  destroy(error?: Error): unknown;
}

/**
 * Returns a function that counts bytes and passes them to the driver. After an error of the driver, the function
 * destroys the socket, and thus the running statement fails. The error would otherwise end the process.
 */
export function guardedRead(
  received: ReceivedBytes,
  socketOf: () => ReadSocket,
  read: (bytes: Buffer) => void,
): (bytes: Buffer) => void {
  return (bytes) => {
    const socket = socketOf();
    try {
      received.take(bytes.length);
      if (!socket.destroyed) read(bytes);
    } catch (error) {
      socket.destroy(error instanceof QueryFailure ? error : wrongMessage());
    }
  };
}

const wrongMessage = (): QueryFailure =>
  new QueryFailure(502, "the data source cannot be reached: it sent a message that its protocol does not permit");
