import { connect } from "node:net";

/** None of our roles sends a longer status line. */
const STATUS_LINE_BYTES = 256;

/**
 * Resolves with the status of a GET request to a server on this machine; undefined without an answer within the time.
 * Uses a socket: `fetch` would keep a client of several megabytes in a process that sends no more requests when all
 * roles are ready.
 */
export function httpStatus(
  port: number,
  path: string,
  timeoutMs: number,
  host = "127.0.0.1",
): Promise<number | undefined> {
  return new Promise((resolve) => {
    let head = "";
    const socket = connect({ host, port });
    const end = (): void => {
      const status = /^HTTP\/1\.\d (\d{3})[ \r]/.exec(head)?.[1];
      resolve(status === undefined ? undefined : Number(status));
      socket.destroy();
    };
    socket.setEncoding("latin1");
    socket.setTimeout(timeoutMs, end);
    socket.once("connect", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`),
    );
    socket.on("data", (text: string) => {
      head = (head + text).slice(0, STATUS_LINE_BYTES);
      if (head.includes("\n") || head.length === STATUS_LINE_BYTES) end();
    });
    socket.on("error", end);
    socket.on("close", end);
  });
}
