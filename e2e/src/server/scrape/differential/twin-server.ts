import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Episode, Step } from "./episode.ts";

export type Twin = "ours" | "theirs";

/** Headers of a scrape request that the target received. */
export interface SeenRequest {
  readonly headers: Readonly<Record<string, string>>;
}

const HEAD_END = "\r\n\r\n";
const AFTERWARDS = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
const DRIBBLE_MS = 50;

/**
 * The scrape targets. Each episode is served twice, at /ours/N and /theirs/N, for the two servers. The n-th scrape by a
 * server gets the episode's n-th response at any time. After the last response, scrapes fail.
 */
export class TwinServer implements AsyncDisposable {
  readonly #episodes: ReadonlyMap<number, Episode>;
  readonly #server: Server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  readonly #times: Readonly<Record<Twin, number[][]>> = { ours: [], theirs: [] };
  /** Headers of the first request by each server, by episode. */
  readonly requests: Readonly<Record<Twin, (SeenRequest | undefined)[]>> = { ours: [], theirs: [] };

  constructor(episodes: readonly Episode[]) {
    this.#episodes = new Map(episodes.map((episode) => [episode.number, episode]));
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Returns how many scrapes the slowest target of a server has received. */
  fewest(twin: Twin): number {
    return Math.min(...[...this.#episodes.keys()].map((number) => this.requestTimes(twin, number).length));
  }

  /** Returns the times in ms at which a server scraped the target of an episode. */
  requestTimes(twin: Twin, episode: number): readonly number[] {
    return this.#times[twin][episode] ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let waiting = "";
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk) => {
      waiting += chunk.toString("latin1");
      for (let end = waiting.indexOf(HEAD_END); end >= 0; end = waiting.indexOf(HEAD_END)) {
        const head = waiting.slice(0, end);
        waiting = waiting.slice(end + HEAD_END.length);
        this.#answer(socket, head);
      }
    });
  }

  #answer(socket: Socket, head: string): void {
    const [first = "", ...rest] = head.split("\r\n");
    const [, path = ""] = first.split(" ");
    const [, twin, which, hop] = /^\/(ours|theirs)\/(\d+)(?:\/(\d+))?/.exec(path) ?? [];
    const side = twin as Twin;
    const episode = this.#episodes.get(Number(which));
    if (episode === undefined) return void socket.end(AFTERWARDS);
    this.requests[side][episode.number] ??= { headers: headersOf(rest) };
    const times = (this.#times[side][episode.number] ??= []);
    if (hop === undefined) times.push(Date.now());
    const step = episode.steps[times.length - 1];
    if (step === undefined) return void socket.write(AFTERWARDS);
    const hops = Number(hop ?? 0);
    const redirect = step.redirects[hops];
    if (redirect === undefined) send(socket, step);
    else {
      const location = `/${side}/${episode.number}/${hops + 1}`;
      socket.write(`HTTP/1.1 ${redirect} Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
    }
  }
}

function headersOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
}

function send(socket: Socket, step: Step): void {
  const { fault, body } = step;
  if (fault === "stall-head") return;
  if (fault === "reset-head") return void socket.resetAndDestroy();
  if (fault === "cut-head") return void socket.end();
  const half = body.subarray(0, body.length >> 1);
  socket.write(headOf(step));
  switch (fault) {
    case "stall-body":
      socket.write(half);
      return;
    case "dribble":
      return sendSlowly(socket, body);
    case "cut":
      return void socket.end(half);
    case "reset":
      socket.write(half, () => socket.resetAndDestroy());
      return;
    case "longer":
      return void socket.end(Buffer.concat([body, Buffer.from("more_than_said 1\n")]));
    default:
      sendBody(socket, step);
  }
}

function sendBody(socket: Socket, { framing, body, close, statusLine }: Step): void {
  if (/ (?:204|304)/.test(statusLine)) return close ? void socket.end() : undefined;
  if (framing === "chunked" || framing === "trailers") {
    const middle = body.length >> 1;
    for (const part of [body.subarray(0, middle), body.subarray(middle)]) {
      if (part.length > 0)
        socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]));
    }
    socket.write(framing === "trailers" ? "0\r\nX-Trailer: yes\r\n\r\n" : "0\r\n\r\n");
  } else socket.write(body);
  if (close || framing === "close") socket.end();
}

function headOf({ statusLine, headers, framing, body, close }: Step): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  if (framing === "length") lines.push(`Content-Length: ${body.length}`);
  else if (framing !== "close") lines.push("Transfer-Encoding: chunked");
  if (framing === "trailers") lines.push("Trailer: X-Trailer");
  if (close || framing === "close") lines.push("Connection: close");
  return `${[statusLine, ...lines].join("\r\n")}${HEAD_END}`;
}

/** Sends single bytes until the other side closes the connection. */
function sendSlowly(socket: Socket, body: Uint8Array): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at >= body.length - 1) clearInterval(timer);
    else socket.write(body.subarray(at, ++at));
  }, DRIBBLE_MS);
}
