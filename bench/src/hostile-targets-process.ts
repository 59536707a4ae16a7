import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/**
 * This process serves the targets of bench/src/hostile-targets.ts. The process reports its port and ends with its
 * parent process.
 */
const PIECE_BYTES = 1 << 20;
const DRIP_MS = 100;

const line = Buffer.alloc(PIECE_BYTES, "a");
const comments = Buffer.from("# nothing is said here\n".repeat(PIECE_BYTES / 23));
/** Compresses data into a gzip member a thousand times smaller. A gzip stream can contain any number of members. */
const zipped = (piece: Buffer): Buffer =>
  gzipSync(Buffer.concat(Array.from({ length: 64 }, () => piece)), { level: 9 });
const [zippedLine, zippedComments] = [zipped(line), zipped(comments)];

function endless(response: ServerResponse, piece: Buffer): void {
  const fill = (): void => {
    while (!response.destroyed && response.write(piece));
  };
  response.on("drain", fill);
  fill();
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write("a"), DRIP_MS);
  response.on("close", () => clearInterval(timer));
}

const server = createServer((request, response) => {
  const kind = request.url!.split("/")[1]!;
  const gzip = kind.startsWith("gzip");
  response.on("error", () => undefined);
  response.writeHead(200, {
    "content-type": "text/plain; version=0.0.4",
    ...(gzip ? { "content-encoding": "gzip" } : {}),
  });
  if (kind === "drip") drip(response);
  else if (kind === "gzip-of-a-line") endless(response, zippedLine);
  else if (kind === "gzip-of-comments") endless(response, zippedComments);
  else endless(response, line);
});
server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
process.on("disconnect", () => {
  server.closeAllConnections();
  server.close();
});
