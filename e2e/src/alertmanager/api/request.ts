import { request } from "node:http";

/**
 * A request to the original Alertmanager and to ours. `{silence N}` in the path or body is replaced by the id that the
 * server gave the N-th silence.
 */
export interface Request {
  readonly path: string;
  readonly method?: string;
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Response headers that must be equal in the original Alertmanager and ours. */
const COMPARED_HEADERS = [
  "content-type",
  "allow",
  "cache-control",
  "pragma",
  "expires",
  "location",
  "vary",
  "access-control-allow-origin",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-expose-headers",
  "access-control-max-age",
  "www-authenticate",
];

/** The original Alertmanager or ours, and the silence ids that this server assigned. */
export class Side {
  readonly port: number;
  readonly ids: string[] = [];

  constructor(port: number) {
    this.port = port;
  }

  /** Sends a request. Returns the answer, with ids, times around now and the port replaced by fixed text. */
  async send({ path, method = "GET", body, headers = {} }: Request): Promise<Answer> {
    const own = (text: string): string =>
      text.replace(/\{silence (\d+)\}/g, (_, n: string) => this.ids[Number(n)] ?? "");
    const sent = typeof body === "string" ? own(body) : body;
    const answer = await this.#exchange({
      path: own(path),
      method,
      headers,
      ...(sent === undefined ? {} : { body: sent }),
    });
    const created = /"silenceID":"([0-9a-f-]{36})"/.exec(answer.body)?.[1];
    if (created !== undefined && !this.ids.includes(created)) this.ids.push(created);
    return {
      ...answer,
      headers: Object.fromEntries(
        Object.entries(answer.headers).map(([name, text]) => [name, this.#plain(text ?? "")]),
      ),
      body: this.#plain(answer.body),
    };
  }

  #plain(text: string): string {
    return (
      text
        .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
          const index = this.ids.indexOf(id);
          return index < 0 ? id : `{silence ${index}}`;
        })
        .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, (time) =>
          Math.abs(Date.parse(time) - Date.now()) < 86_400_000 ? "{now}" : time,
        )
        .replace(/"silencedBy":\[[^\]]*\]/g, (list) =>
          list.replace(/\[.*\]/, (ids) => JSON.stringify(JSON.parse(ids).sort())),
        )
        // Removes the size of the silence from the error message, because the size varies by one byte with the time of
        // the change.
        .replace(/maximum size: \d+ bytes/, "maximum size: {n} bytes")
        .replaceAll(`127.0.0.1:${this.port}`, "{host}")
        // Sorts the allowed HTTP methods in the message, because Go iterates over their map in random order.
        .replace(/\b(GET|POST|DELETE),(GET|POST|DELETE)\b/, (_, a: string, b: string) => [a, b].sort().join(","))
    );
  }

  #exchange({ path, method, body, headers }: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const options = {
        host: "127.0.0.1",
        port: this.port,
        path,
        method,
        headers: { ...length, ...headers },
        agent: false,
      };
      const sent = request(options, (message) => {
        const parts: Buffer[] = [];
        message.on("data", (part: Buffer) => parts.push(part));
        message.on("end", () =>
          resolve({
            status: message.statusCode ?? 0,
            headers: Object.fromEntries(
              COMPARED_HEADERS.map((name) => [name, message.headers[name] as string | undefined]),
            ),
            body: Buffer.concat(parts).toString(),
          }),
        );
      });
      // Returns a connection error as a response. A server that panics closes the connection, and a server that cannot
      // parse the request may send a response that is not HTTP.
      sent.on("error", (error) => {
        if (/^(?:ECONNRESET|HPE_)/.test((error as NodeJS.ErrnoException).code ?? ""))
          resolve({ status: 0, headers: {}, body: "" });
        else reject(error);
      });
      sent.end(body);
    });
  }
}
