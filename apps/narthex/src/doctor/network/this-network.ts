import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { clientTlsOptions, createHttpClient, failureReason } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { DeadlineError, withinDeadline } from "./deadline.ts";
import { type Connection, type GetOptions, type Network, ReachError, type WebAnswer } from "./network.ts";
import { reachHint } from "./reach-hint.ts";

export const networkOf = (clock: Clock): Network => ({
  get: (url, options) => get(url, options, clock),
  connect: (to, timeoutMs) => connect(to, timeoutMs, clock),
});

const failureOf = (error: unknown, host: string): ReachError => {
  if (error instanceof ReachError) return error;
  const reason = failureReason(error);
  return new ReachError(reason, reachHint(reason, host), { cause: error });
};

async function get(url: string, options: GetOptions, clock: Clock): Promise<WebAnswer> {
  if (!URL.canParse(url)) {
    throw new ReachError("its address is not a URL", "correct its host and port: a port is a number up to 65535");
  }
  try {
    return await withinDeadline(clock, options.timeoutMs, request(url, options, clock));
  } catch (error) {
    throw failureOf(error, new URL(url).hostname);
  }
}

/** Sends the request. The signal aborts only the request itself, not earlier steps such as the request for a token. */
async function request(
  url: string,
  { client, headers = {}, timeoutMs, maxBytes }: GetOptions,
  clock: Clock,
): Promise<WebAnswer> {
  const startedAt = clock.monotonic();
  const signal = AbortSignal.timeout(timeoutMs);
  const http = await createHttpClient(client);
  try {
    const {
      statusCode,
      headers: fields,
      body,
    } = await http.request(url, {
      headers: { "user-agent": "narthex-doctor", ...headers },
      signal,
    });
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) break;
    }
    const contentType = fields["content-type"];
    return {
      status: statusCode,
      contentType: typeof contentType === "string" ? contentType : contentType?.[0],
      date: Date.parse(String(fields.date)),
      body: Buffer.concat(chunks),
      isCut: length > maxBytes,
      tookMs: clock.monotonic() - startedAt,
    };
  } finally {
    await http.close();
  }
}

async function connect({ host, port, tls }: Connection, timeoutMs: number, clock: Clock): Promise<void> {
  let socket: Socket | undefined;
  let isOver = false;
  const connected = async (): Promise<void> => {
    const options = tls === undefined ? undefined : await clientTlsOptions(tls);
    if (isOver) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const servername = isIP(host) === 0 ? host : "";
    socket = options === undefined ? connectTcp({ host, port }) : connectTls({ servername, ...options, host, port });
    socket.once(options === undefined ? "connect" : "secureConnect", () => resolve());
    socket.on("error", reject);
    await promise;
  };
  try {
    await withinDeadline(clock, timeoutMs, connected());
  } catch (error) {
    throw failureOf(error instanceof DeadlineError ? new Error("dial tcp: i/o timeout") : error, host);
  } finally {
    isOver = true;
    socket?.destroy();
  }
}
