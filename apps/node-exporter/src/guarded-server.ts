import {
  access,
  activatedSockets,
  createHttpServer,
  type HttpServerOptions,
  failedFileReloads,
  sendInPieces,
} from "@narthex/http";
import type { Host } from "@narthex/runtime";
import type { Handler } from "./answers.ts";
import { isHealthCheck, type PageServer } from "./plain-server.ts";

/** Returns the sockets that systemd has opened for this process. Throws an Error if systemd opened no socket. */
export const systemdSockets = ({ env }: Host): Pick<HttpServerOptions, "descriptors"> => ({
  descriptors: activatedSockets(env, process.pid),
});

/** Opens a server with TLS and users from --web.config.file, or a server on sockets that are already open. */
export async function guardedServer(options: HttpServerOptions, handle: Handler): Promise<PageServer> {
  const http = await createHttpServer({ ...options, isHealthCheck });
  http.app.all("/*", access("read"), async ({ method, url, headers: asked }, reply) => {
    const { status, headers, body, release } = await handle({ method, url, headers: asked });
    if (release !== undefined) reply.raw.once("close", release);
    return sendInPieces(reply.code(status).headers(headers), body);
  });
  return { ...http, faults: () => failedFileReloads([http.webConfig]) };
}
