import { freePort } from "../../../support/ports.ts";
import { narthex, type Running } from "../../../support/running.ts";
import type { Workplace } from "../../../support/workplace.ts";

const CONFIG = "global: {evaluation_interval: 200ms}\nscrape_configs: []\n";

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly tag: string | null;
}

/** A server with the rules API, whose folders are in a workplace. */
export class RulesServer implements AsyncDisposable {
  readonly running: Running;
  readonly base: string;

  private constructor(running: Running, base: string) {
    this.running = running;
    this.base = base;
  }

  static async start(
    workplace: Workplace,
    { config = CONFIG, folder = workplace.path("stored-rules"), more = [] as readonly string[] } = {},
  ): Promise<RulesServer> {
    const port = await freePort();
    const running = narthex([
      "server",
      `--config.file=${workplace.write("prometheus.yml", config)}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--rules.api.path=${folder}`,
      ...more,
    ]);
    const server = new RulesServer(running, `http://127.0.0.1:${port}`);
    await running.ready(`${server.base}/-/ready`);
    return server;
  }

  async send(
    method: string,
    path: string,
    { body, headers = {} }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Reply> {
    const response = await fetch(this.base + path, { method, headers, ...(body === undefined ? {} : { body }) });
    return { status: response.status, body: await response.text(), tag: response.headers.get("etag") };
  }

  /** Returns the groups that the server evaluates, as `file/group: rules`. */
  async groups(): Promise<readonly string[]> {
    const { body } = await this.send("GET", "/api/v1/rules");
    const { data } = JSON.parse(body) as {
      data: { groups: readonly { file: string; name: string; rules: readonly { name: string }[] }[] };
    };
    return data.groups.map(({ file, name, rules }) => `${file}/${name}: ${rules.map((rule) => rule.name).join()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
  }
}
