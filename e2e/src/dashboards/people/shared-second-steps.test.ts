import { Secret, TOTP } from "otpauth";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import { lacks } from "../../support/requirements.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

interface Instance {
  readonly running: Running;
  readonly base: string;
}

interface Answer {
  readonly status: number;
  readonly cookie: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of all shapes
  readonly json: any;
}

async function post({ base }: Instance, path: string, body: object, cookie = ""): Promise<Answer> {
  const headers = { "content-type": "application/json", ...(cookie === "" ? {} : { cookie }) };
  const response = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) });
  const session = response.headers.getSetCookie().find((one) => one.startsWith("grafana_session=")) ?? "";
  return { status: response.status, cookie: session.split(";", 1)[0]!, json: await response.json() };
}

const login = (at: Instance, code: string): Promise<Answer> =>
  post(at, "/login", { user: "admin", password: "secret", code });

test.skipIf(lacks("postgres"))(
  "two instances of one database accept a code once, and the command line removes the second step on both",
  async () => {
    using workplace = new Workplace();
    await using database = await PostgresServer.start();
    const url = await database.database("dashboards");
    const envOf = (name: string): Record<string, string | undefined> => ({
      ...process.env,
      GF_DATABASE_URL: url,
      GF_DATABASE_TYPE: "postgres",
      GF_PATHS_DATA: workplace.path(name),
      GF_PATHS_PROVISIONING: workplace.path("provisioning"),
      GF_PATHS_CONFIG: workplace.path("grafana.ini"),
      GF_SECURITY_ADMIN_PASSWORD: "secret",
    });
    const start = async (name: string): Promise<Instance> => {
      const port = await freePort();
      const running = narthex(["dashboards", `--web.listen-address=127.0.0.1:${port}`], { env: envOf(name) });
      return { running, base: `http://127.0.0.1:${port}` };
    };
    const both = await Promise.all([start("one"), start("two")]);
    const [one, two] = both;
    await using _one = one.running;
    await using _two = two.running;
    await Promise.all(both.map(({ running, base }) => running.ready(`${base}/api/health`)));

    const { cookie } = await login(one, "");
    const { json: setup } = await post(one, "/api/user/two-step", {}, cookie);
    const app = new TOTP({ secret: Secret.fromBase32(setup.secret) });
    // Retries until the other instance knows the session and the two-step setup, about which the database notifies it.
    const confirmed = await eventually("the other instance confirms the setup", async () => {
      const answer = await post(two, "/api/user/two-step/confirm", { code: app.generate() }, cookie);
      expect(answer.status).toBe(200);
      return answer.json;
    });
    const codes = confirmed.recoveryCodes as readonly string[];
    await eventually("both need a code", async () => {
      for (const at of both) expect((await login(at, "")).json.messageId).toBe("two-step.required");
    });
    // Code of the authenticator app for the next period, because the server accepts a code only once.
    const next = app.generate({ timestamp: Date.now() + 30_000 });
    for (const code of [next, codes[0]!, codes[1]!]) {
      const answers = await Promise.all(both.map((at) => login(at, code)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    }

    const cli = narthex(["dashboards", "cli", "admin", "reset-second-step"], { env: envOf("one") });
    await using _cli = cli;
    expect(await cli.ended).toEqual({ code: 0, signal: null });
    await eventually("no instance needs a code", async () => {
      for (const at of both) expect((await login(at, "")).status).toBe(200);
    });
    expect((await post(one, "/api/user/two-step", {}, cookie)).status).toBe(401);
  },
);
