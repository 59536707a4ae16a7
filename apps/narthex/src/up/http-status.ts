import { connect } from "node:net";

/** Largest accepted length of a status line in bytes. The stack's servers send shorter ones. */
const STATUS_LINE_BYTES = 256;

/**
 * Sends a GET request to a server on this machine. Resolves with the status, or with undefined if there is no answer in
 * time. Uses a raw socket, because the HTTP client of `fetch` would permanently take several megabytes.
 */
export function httpStatus(port: number, path: string, timeoutMs: number, host: string): Promise<number | undefined> {
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
