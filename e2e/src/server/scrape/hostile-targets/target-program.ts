import { createServer, type AddressInfo, type Socket } from "node:net";
import { gzipSync } from "node:zlib";

/**
 * A program that serves hostile targets. The path of a request selects the attack. Prints its port, and ends when its
 * standard input ends.
 */
const MIB = 1024 * 1024;
const head = (...fields: string[]): string => ["HTTP/1.1 200 OK", ...fields, "", ""].join("\r\n");
const TEXT = "Content-Type: text/plain; version=0.0.4";
const ZIPPED = "Content-Encoding: gzip";

const filled = (text: string): Buffer => Buffer.alloc(256 * 1024, text);

/**
 * Response of a hostile target: the first bytes, and a function for bytes that are sent repeatedly until the connection
 * ends. If the function is undefined, nothing more is sent.
 */
type HostileAnswer = readonly [first: string | Buffer, then: (() => string | Buffer) | undefined];

let line = 0;
/** Returns lines of new series. Each call returns different series. */
const samples = (): string => {
  let text = "";
  while (text.length < 128 * 1024) text += `endless{number="${line++}"} ${line % 97}\n`;
  return text;
};
const always = (bytes: Buffer) => (): Buffer => bytes;
/**
 * Returns a response of compressed pieces that each decompress to 4 GiB of `content`. The pieces are sent repeatedly.
 */
const bomb = (content: string): HostileAnswer => {
  const packed = Buffer.concat(Array<Buffer>(4096).fill(gzipSync(content.repeat(MIB / content.length))));
  return [Buffer.concat([Buffer.from(head(TEXT, ZIPPED, `Content-Length: ${packed.length}`)), packed]), undefined];
};

const HOSTILE_ANSWERS: Readonly<Record<string, () => HostileAnswer>> = {
  "/endless-line": () => [head(TEXT), always(filled("a"))],
  "/endless-samples": () => [head(TEXT), samples],
  "/endless-comments": () => [head(TEXT), always(filled("# nothing to be seen here\n"))],
  "/endless-openmetrics": () => [
    `${head("Content-Type: application/openmetrics-text; version=1.0.0")}x_total 1 # {a="`,
    always(filled("b")),
  ],
  "/bomb-of-a-line": () => bomb("a"),
  "/bomb-of-samples": () => bomb("sixteen_bytes 1\n"),
  "/lying-length-prefix": () => [
    Buffer.concat([
      Buffer.from(
        head(
          "Content-Type: application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
        ),
      ),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07]),
    ]),
    always(filled("\n\u0005aaaaa")),
  ],
  "/lying-content-length": () => [head(TEXT, `Content-Length: ${10 ** 14}`), always(filled("a 1\n"))],
  "/endless-head": () => ["HTTP/1.1 200 OK\r\n", always(filled("X-Padding: more and more of it\r\n"))],
  "/endless-chunk-line": () => [`${head(TEXT, "Transfer-Encoding: chunked")}5;`, always(filled("x"))],
};

function serve(socket: Socket, path: string): void {
  const hostileAnswer = HOSTILE_ANSWERS[path]?.();
  if (hostileAnswer === undefined) {
    socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const [first, then] = hostileAnswer;
  socket.write(first);
  if (then === undefined) return;
  const sendNext = (): void => {
    while (!socket.destroyed) if (!socket.write(then())) return;
  };
  socket.on("drain", sendNext);
  sendNext();
}

const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", (request) => serve(socket, request.toString("latin1").split(" ")[1] ?? ""));
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port} ${Object.keys(HOSTILE_ANSWERS).join(" ")}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
