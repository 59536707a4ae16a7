import { connect } from "node:net";

/** Longer status lines are nobody's of ours. */
const STATUS_LINE_BYTES = 256;

/**
 * The status that a server on this machine answers a GET with; undefined where it does not within the time. By a socket:
 * `fetch` would keep a client of several megabytes in a process that asks no more once all is ready.
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
