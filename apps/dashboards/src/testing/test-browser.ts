import type { FastifyInstance } from "fastify";

interface Response {
  readonly status: number;
  readonly text: string;
  /** The response body, parsed as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read answers of any shape
  readonly json: any;
}

interface BrowserOptions {
  /** Network address from which the browser sends its requests. */
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A browser with cookies for tests. Its requests reach the server without a network connection. */
export class TestBrowser {
  readonly #app: FastifyInstance;
  readonly #options: BrowserOptions;
  readonly cookies = new Map<string, string>();

  constructor(app: FastifyInstance, options: BrowserOptions = {}) {
    this.#app = app;
    this.#options = options;
  }

  async send(method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: object): Promise<Response> {
    const { address = "10.0.0.1", headers } = this.#options;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const { statusCode, payload, cookies } = await this.#app.inject({
      method,
      url,
      remoteAddress: address,
      headers: { ...(cookie === "" ? {} : { cookie }), ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    for (const { name, value, maxAge } of cookies) {
      if (maxAge === 0) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { status: statusCode, text: payload, json: parsed(payload) };
  }

  post(url: string, body: object = {}): Promise<Response> {
    return this.send("POST", url, body);
  }

  get(url: string): Promise<Response> {
    return this.send("GET", url);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
