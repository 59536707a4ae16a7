import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SinkAnswer, ReceivedRequest } from "./http-sink.ts";

/**
 * Starts a proxy for services whose address cannot be configured. It decrypts TLS, records requests with their host
 * before the path, and sends the responses of the test. `section` is the configuration for using the proxy.
 */
export async function proxySink(
  answer: SinkAnswer = {},
): Promise<{ readonly section: string; readonly requests: ReceivedRequest[]; [Symbol.asyncDispose](): Promise<void> }> {
  const requests: ReceivedRequest[] = [];
  const tls = createTlsServer(certificate(), (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      requests.push({ method, url: `https://${headers.host}${url}`, headers, rawHeaders, body });
      response.writeHead(answer.status ?? 200, { "content-type": answer.type ?? "text/plain", ...answer.headers });
      response.end(answer.body ?? "ok");
    });
  });
  const sockets = new Set<Socket>();
  const server = createServer().on("connect", (_request, socket: Socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    tls.emit("connection", socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    section: `http_config: {proxy_url: 'http://127.0.0.1:${port}', tls_config: {insecure_skip_verify: true}}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function certificate(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), "narthex-proxy-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  const files = ["-keyout", key, "-out", cert];
  execFileSync("openssl", ["req", "-x509", ...kind, "-subj", "/CN=service", ...files], { stdio: "ignore" });
  const pair = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  rmSync(folder, { recursive: true });
  return pair;
}
