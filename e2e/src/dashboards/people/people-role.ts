import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { dashboardsArguments } from "../../support/dashboards-arguments.ts";
import { launchBrowser } from "../../support/headless-browser.ts";
import { freePort } from "../../support/ports.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

/** The password of every user of the dashboards server. */
export const PASSWORD = "secret";

/** A dashboards server with users, and a browser that opens its pages. */
export class PeopleRole implements AsyncDisposable {
  readonly base: string;
  readonly #browser: Browser;
  readonly #role: Running;
  readonly #workplace: Workplace;
  /** Errors of scripts on all pages that the browser opened. */
  readonly errors: string[] = [];

  private constructor(base: string, role: Running, workplace: Workplace, browser: Browser) {
    this.base = base;
    this.#role = role;
    this.#workplace = workplace;
    this.#browser = browser;
  }

  /**
   * Starts a dashboards server with the admin `admin` and the given users, who are viewers.
   * @param host host name of the server in the browser. Passkeys need `localhost`, because they cannot belong to an IP
   * address
   */
  static async start(
    users: readonly string[],
    settings: readonly string[] = [],
    host: "127.0.0.1" | "localhost" = "127.0.0.1",
  ): Promise<PeopleRole> {
    const workplace = new Workplace();
    const port = await freePort();
    const base = `http://${host}:${port}`;
    workplace.write(
      "provisioning/datasources/all.yml",
      "apiVersion: 1\ndatasources: [{name: Made up, type: grafana-testdata-datasource, uid: td, isDefault: true}]\n",
    );
    const role = narthex(
      dashboardsArguments(workplace, port, [
        `security.admin_password=${PASSWORD}`,
        `server.root_url=${base}/`,
        ...settings,
      ]),
    );
    await role.ready(`${base}/api/health`);
    const started = new PeopleRole(base, role, workplace, await launchBrowser());
    for (const login of users)
      await started.call("POST", "/api/admin/users", { login, email: `${login}@example.com`, password: PASSWORD });
    return started;
  }

  /** Sends a request as a user. Resolves with the JSON of the response; rejects if the status is not 2xx. */
  async call<T = unknown>(method: string, path: string, body?: object, user = "admin"): Promise<T> {
    const answer = await this.ask(method, path, body, { authorization: `Basic ${btoa(`${user}:${PASSWORD}`)}` });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  ask(method: string, path: string, body: object | undefined, headers: Readonly<Record<string, string>>) {
    return fetch(this.base + path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /**
   * Opens a page in a new browser session in which a user is signed in. With an empty user name, no user is signed in.
   */
  async open(user: string, path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    page.on("pageerror", ({ message }) => this.errors.push(`${page.url()}: ${message}`));
    if (user !== "") {
      const answer = await page.request.post(`${this.base}/login`, { data: { user, password: PASSWORD } });
      if (!answer.ok()) throw new Error(`the login of ${user} failed: ${await answer.text()}`);
    }
    await page.goto(this.base + path);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#role[Symbol.asyncDispose]();
    this.#workplace[Symbol.dispose]();
  }
}

/** Returns the table row on the page that contains a text. */
export const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });

/** Opens the account menu of the page. Resolves with the texts of its links. */
export async function menuLinks(page: Page): Promise<readonly string[]> {
  await page.getByRole("button", { name: /^(Account of|Administration)/ }).click();
  const menu = page.getByRole("menu");
  await menu.waitFor();
  await page.waitForLoadState("networkidle");
  const links = await menu.getByRole("menuitem").allInnerTexts();
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "hidden" });
  return links;
}
