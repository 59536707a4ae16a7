import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { dashboardsArguments } from "./dashboards-arguments.ts";
import { launchBrowser, openPage } from "./headless-browser.ts";
import { freePort } from "./ports.ts";
import { lacks } from "./requirements.ts";
import { narthex, type Running } from "./running.ts";
import { Workplace } from "./workplace.ts";

/** Settings with which everybody administers the dashboards, without signing in. */
const ADMIN = ["auth.anonymous.enabled=true", "auth.anonymous.org_role=Admin"];

/** Programs, files and a browser that all tests of a file use. */
export class Stage {
  #workplace: Workplace | undefined;
  readonly #programs: Running[] = [];
  #browser: Browser | undefined;
  /** Address of the program whose pages the tests open. */
  base = "";

  /** Folder of the files, made when it is first used. */
  get workplace(): Workplace {
    return (this.#workplace ??= new Workplace());
  }

  get browser(): Browser {
    return this.#browser!;
  }

  /** Starts the browser. */
  async launch(): Promise<void> {
    this.#browser = await launchBrowser();
  }

  /** Opens a page of the program at `base`. */
  open(path: string): ReturnType<typeof openPage> {
    return openPage(this.browser, this.base + path);
  }

  /** Starts a program, and waits until it is ready. Closing the stage stops the program. */
  async start(args: readonly string[], readyUrl: string): Promise<void> {
    const program = narthex(args);
    this.#programs.push(program);
    await program.ready(readyUrl);
  }

  /**
   * Starts a server, and returns its address.
   * @param config returns the configuration of the server, which may scrape its own port
   */
  async server(config: (port: number) => string, flags: readonly string[] = []): Promise<string> {
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const words = [
      "server",
      `--config.file=${this.workplace.write("prometheus.yml", config(port))}`,
      `--storage.tsdb.path=${this.workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      ...flags,
    ];
    await this.start(words, `${base}/-/ready`);
    return base;
  }

  /**
   * Starts the dashboards, and returns their address.
   * @param content data sources as YAML, and dashboards that files provide, by the names of the files
   */
  async dashboards(
    content: { readonly sources: readonly string[]; readonly files?: Readonly<Record<string, object>> },
    settings: readonly string[] = ADMIN,
  ): Promise<string> {
    const { sources, files = {} } = content;
    this.workplace.write(
      "provisioning/datasources/all.yml",
      `apiVersion: 1\ndatasources:\n${sources.map((source) => `- {${source}}\n`).join("")}`,
    );
    if (Object.keys(files).length > 0) {
      const folder = this.workplace.path("dashboards");
      this.workplace.write(
        "provisioning/dashboards/all.yml",
        `apiVersion: 1\nproviders: [{name: all, type: file, options: {path: '${folder}'}}]\n`,
      );
      for (const [name, dashboard] of Object.entries(files))
        this.workplace.write(`dashboards/${name}.json`, JSON.stringify(dashboard));
    }
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    await this.start(dashboardsArguments(this.workplace, port, settings), `${base}/api/health`);
    return base;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    for (const program of this.#programs.toReversed()) await program[Symbol.asyncDispose]();
    this.#workplace?.[Symbol.dispose]();
  }
}

/** Sends JSON to a program, which must accept it. */
export async function post<T = unknown>(base: string, path: string, body: object): Promise<T> {
  const answer = await fetch(`${base}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/**
 * Returns the configuration of a server that scrapes itself twice a second, and evaluates the rules of `rules.yml`.
 * @param labels labels of the target, as YAML
 */
export const scrapesItself = (port: number, labels = "{}"): string =>
  `global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}\nrule_files: [rules.yml]\nscrape_configs:\n- job_name: self\n  static_configs: [{targets: ['127.0.0.1:${port}'], labels: ${labels}}]\n`;

/** Source of made-up values, whose identifier is `td`. */
export const MADE_UP = "name: Made up, type: testdata, uid: td, isDefault: true";

/**
 * Returns a stage that is prepared before the tests of a file, and closed after them. Without a browser, nothing is
 * prepared.
 * @param prepare starts the programs and returns the address of the pages
 */
export function useStage(prepare: (stage: Stage) => Promise<string>): Stage {
  const stage = new Stage();
  beforeAll(async () => {
    if (lacks("browser")) return;
    stage.base = await prepare(stage);
    await stage.launch();
  });
  afterAll(() => stage.close());
  return stage;
}
