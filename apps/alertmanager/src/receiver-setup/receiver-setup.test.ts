import { randomUUID } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { fakeSmtp, httpSink } from "@narthex/receivers/testing";
import { expect, test } from "vitest";
import { folderWith, hostFor, withAlertmanager } from "../testing/running-alertmanager.ts";
import type { SetupState } from "./receiver-setup.ts";

const STARTER = `# Alerts are sent nowhere yet.
route:
  receiver: on-call # the root
  group_by: [alertname]

receivers:
  - name: on-call
  # for later
  - name: spare
`;

type Answer = readonly [status: number, body: never];

interface Rig {
  readonly file: string;
  readonly folder: string;
  readonly url: string;
  /** Log of the Alertmanager. */
  log(): string;
  text(): string;
  state(): Promise<SetupState & { readonly isOn: boolean; readonly reason?: string }>;
  /** Sends a change with the current tag, or with the given one. */
  put(body: object, tag?: string): Promise<Answer>;
  /** Sends a receiver that must not exist yet. */
  add(body: object): Promise<Answer>;
  remove(name: string): Promise<Answer>;
  test(body: object): Promise<Answer>;
}

/** Runs an Alertmanager whose pages may change receivers. */
async function withSetup(config: string, use: (rig: Rig) => Promise<void>, isOn = true): Promise<void> {
  const place = folderWith(config);
  const host = hostFor(place, isOn ? ["--web.enable-receiver-setup"] : []);
  await withAlertmanager(host, async (url) => {
    const path = `${url}/api/v2/narthex/receiver-setup`;
    const call = async (method: string, to: string, body?: object, tag?: string, more = {}): Promise<Answer> => {
      const headers = {
        ...more,
        ...(tag === undefined ? {} : { "if-match": `"${tag}"` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      };
      const response = await fetch(to, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      return [response.status, (await response.json()) as never];
    };
    const state = async () => (await call("GET", path))[1];
    const tagNow = async (): Promise<string> => ((await state()) as SetupState).tag;
    await use({
      ...place,
      url,
      log: () => host.output.stderr,
      text: () => readFileSync(place.file, "utf8"),
      state,
      put: async (body, tag) => call("PUT", path, body, tag ?? (await tagNow())),
      add: async (body) => call("PUT", path, body, await tagNow(), { "if-none-match": "*" }),
      remove: async (name) => call("DELETE", `${path}?name=${encodeURIComponent(name)}`, undefined, await tagNow()),
      test: (body) => call("POST", `${path}/test`, body),
    });
  });
}

const flags = { require_tls: false, send_resolved: true };
const mail = (smarthost: string, texts: object = {}) => ({
  kind: "email",
  texts: { to: "ann@example.org", smarthost, from: "alerts@example.org", auth_username: "alerts", ...texts },
  flags,
});
const withTls = { require_tls: true, send_resolved: true };
const secretFile = ({ folder }: Rig): string => {
  const secrets = join(folder, "data", "receiver-secrets");
  const [name] = readdirSync(secrets);
  expect(readdirSync(secrets)).toHaveLength(1);
  return join(secrets, name!);
};

test("a mail receiver is tested, saved and used; the rest of the file and the secret's place are as they must be", async () => {
  await using smtp = await fakeSmtp({ mechanisms: ["PLAIN"], username: "alerts", password: "open sesame" });
  await withSetup(STARTER, async (rig) => {
    chmodSync(rig.file, 0o640);
    const draft = { name: "on-call", form: mail(`127.0.0.1:${smtp.port}`), secret: "open sesame" };
    expect(await rig.test(draft)).toEqual([
      200,
      {
        receiver: "on-call",
        results: [
          { integration: { name: "email", index: 0 }, outcome: "sent", durationSeconds: expect.any(Number) as number },
        ],
      },
    ]);
    expect(smtp.mails).toHaveLength(1);
    expect(rig.text()).toBe(STARTER);
    const [status, after] = await rig.put(draft);
    expect(status).toBe(200);
    expect(after).toMatchObject({
      isOn: true,
      receivers: [
        { name: "on-call", isDefault: true, isUsed: true, form: { kind: "email", flags, hasSecret: true } },
        { name: "spare", isDefault: false, isUsed: false },
      ],
    });
    const path = secretFile(rig);
    expect(rig.text()).toBe(
      STARTER.replace(
        "  - name: on-call\n  # for later\n",
        `  - name: on-call
    email_configs:
      - to: ann@example.org
        smarthost: "127.0.0.1:${smtp.port}"
        from: alerts@example.org
        auth_username: alerts
        require_tls: false
        send_resolved: true
        auth_password_file: "${path}"
  # for later
`,
      ),
    );
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["open sesame\n", 0o600]);
    expect([statSync(rig.file).mode & 0o777, readFileSync(`${rig.file}.before-change`, "utf8")]).toEqual([
      0o640,
      STARTER,
    ]);
    expect(readdirSync(rig.folder).filter((name) => name.includes("in_progress"))).toEqual([]);
    expect(JSON.stringify([after, rig.log()])).not.toContain("sesame");
    const receivers = await (await fetch(`${rig.url}/api/v2/receivers?narthex_integrations=true`)).json();
    expect(receivers).toMatchObject([{ name: "on-call", integrations: [{ target: "ann@example.org" }] }, {}]);
    // The stored password is used without being sent again.
    expect((await rig.test({ ...draft, secret: "" }))[1]).toMatchObject({ results: [{ outcome: "sent" }] });
    // A new password replaces the file; the backup still names the old one.
    expect((await rig.put({ ...draft, secret: "another one" }))[0]).toBe(200);
    expect(readFileSync(`${rig.file}.before-change`, "utf8")).toContain(path);
    expect((await rig.put({ name: "spare", isDefault: true }))[0]).toBe(200);
    expect(rig.text()).toContain("receiver: spare # the root");
    expect(readFileSync(secretFile(rig), "utf8")).toBe("another one\n");
  });
});

test("a stored password is not sent to another mail server, or without encryption", async () => {
  await using smtp = await fakeSmtp({ mechanisms: ["PLAIN"] });
  const config = `global: {smtp_auth_username: a, smtp_auth_password: hidden, smtp_from: a@b, smtp_smarthost: 'mail:587'}
route: {receiver: r}
receivers:
  - {name: r}
  - {name: own, email_configs: [{to: x@y, smarthost: 'own:587', auth_password: also hidden}]}
`;
  await withSetup(config, async (rig) => {
    const elsewhere = `127.0.0.1:${smtp.port}`;
    for (const [name, form] of [
      ["r", mail(elsewhere)],
      ["new", { ...mail(elsewhere), flags: withTls }],
      ["own", { ...mail(elsewhere), flags: withTls }],
      ["own", mail("own:587")],
      ["r", mail("")],
    ] as const) {
      const refusal = [400, expect.stringContaining("Enter the password again")];
      expect([name, await rig.test({ name, form })]).toEqual([name, refusal]);
      expect([name, await rig.put({ name, form })]).toEqual([name, refusal]);
    }
    expect(smtp.connections).toBe(0);
    expect((await rig.put({ name: "r", form: { ...mail(""), flags: withTls } }))[0]).toBe(200);
    expect((await rig.put({ name: "own", form: mail(elsewhere), secret: "new" }))[0]).toBe(200);
    expect(JSON.stringify(await rig.state())).not.toContain("hidden");
  });
});

test("a stored password is not sent to another mail server by a change without the user name before", async () => {
  await using smtp = await fakeSmtp({ mechanisms: ["PLAIN"] });
  const config = `global: {smtp_auth_password: hidden, smtp_from: a@b, smtp_smarthost: 'mail:587'}
route: {receiver: r}
receivers:
  - {name: r}
  - {name: own, email_configs: [{to: x@y, smarthost: 'own:587', auth_username: alerts, auth_password: also hidden}]}
`;
  await withSetup(config, async (rig) => {
    const elsewhere = `127.0.0.1:${smtp.port}`;
    for (const [name, smarthost, flagsNow] of [
      ["own", elsewhere, withTls],
      ["own", "own:587", flags],
      ["new", elsewhere, withTls],
      ["new", "mail:587", flags],
    ] as const) {
      const form = (user: string) => ({ ...mail(smarthost, { auth_username: user }), flags: flagsNow });
      const refusal = [400, expect.stringContaining("Enter the password again")];
      expect([name, await rig.put({ name, form: form("") })]).toEqual([name, refusal]);
      expect([name, await rig.test({ name, form: form("alerts") })]).toEqual([name, refusal]);
    }
    expect([smtp.connections, rig.text()]).toEqual([0, config]);
    expect(rig.log()).toMatch(/level=WARN .*would have sent stored credentials.* receiver=own user="?"? address=127/);
    expect((await rig.put({ name: "own", form: mail("own:587", { auth_username: "" }), secret: "new" }))[0]).toBe(200);
  });
});

test.each([
  ["a login", "basic_auth: {username: u, password: hidden}"],
  ["a token", "authorization: {credentials: hidden}"],
  ["OAuth 2.0", "oauth2: {client_id: c, client_secret: hidden, token_url: 'http://127.0.0.1:1'}"],
  ["a client certificate", "tls_config: {cert_file: a.pem, key_file: b.pem}"],
  ["a header", "http_headers: {X-Key: {secrets: [hidden]}}"],
])("%s of http_config is not sent to a new URL", async (_, credentials) => {
  await using sink = await httpSink();
  const config = `global:
  http_config: {${credentials}}
route: {receiver: r}
receivers:
  - name: r
  - name: own
    webhook_configs: [{url: 'http://own/', http_config: {${credentials}}}]
  - name: bare
    webhook_configs: [{url: 'http://bare/', http_config: {follow_redirects: false}}]
`;
  await withSetup(config, async (rig) => {
    const hook = { kind: "webhook", flags: { send_resolved: false } };
    for (const [name, form] of [
      ["own", hook],
      ["new", hook],
      ["new", { kind: "slack", texts: { channel: "c" } }],
    ] as const) {
      const refusal = [400, expect.stringContaining("Change the URL in the file")];
      expect([name, await rig.test({ name, form, secret: sink.url })]).toEqual([name, refusal]);
      expect([name, await rig.put({ name, form, secret: sink.url })]).toEqual([name, refusal]);
    }
    expect([sink.requests, rig.text()]).toEqual([[], config]);
    expect(rig.log()).toContain("would have sent stored credentials");
    expect((await rig.put({ name: "own", form: hook }))[0]).toBe(200);
    expect((await rig.put({ name: "bare", form: hook, secret: sink.url }))[0]).toBe(200);
  });
});

test("a new receiver does not replace one with its name", async () => {
  await withSetup(STARTER, async (rig) => {
    const draft = { name: "spare", form: { kind: "webhook" }, secret: "http://a/b" };
    expect(await rig.add(draft)).toEqual([409, expect.stringMatching(/^A receiver has this name already/)]);
    expect(rig.text()).toBe(STARTER);
    expect((await rig.add({ ...draft, name: "new" }))[0]).toBe(200);
    expect(rig.log()).toMatch(/A receiver was changed by a page.* receiver=new user="?"? address=127/);
    expect((await rig.add({ ...draft, name: "new" }))[0]).toBe(409);
  });
});

test("a secret of another configuration in the folder stays, and old ones of this configuration are removed", async () => {
  await withSetup(STARTER, async (rig) => {
    const form = { kind: "webhook" };
    const secrets = join(rig.folder, "data", "receiver-secrets");
    const foreign = `secret-${randomUUID()}`;
    const saved: string[] = [];
    mkdirSync(secrets, { recursive: true });
    writeFileSync(join(secrets, foreign), "of another configuration");
    for (const secret of ["http://a/1", "http://a/2", "http://a/3"]) {
      expect((await rig.put({ name: "a", form, secret }))[0]).toBe(200);
      saved.push(/secret-[\w-]+/.exec(rig.text())![0]);
    }
    expect(readdirSync(secrets).sort()).toEqual([foreign, saved[1], saved[2]].sort());
  });
});

test("while eight tests run, no further one is prepared", async () => {
  const running = Promise.withResolvers<void>();
  const sink = await httpSink(() => {
    if (sink.requests.length === 8) running.resolve();
    return undefined;
  });
  await withSetup(STARTER, async (rig) => {
    const form = { kind: "webhook" };
    const tests = Array.from({ length: 8 }, () => rig.test({ name: "a", form, secret: sink.url }));
    await running.promise;
    // Without a URL, the preparation would refuse the receiver.
    expect(await rig.test({ name: "a", form })).toEqual([429, expect.stringContaining("8 tests are under way")]);
    await sink[Symbol.asyncDispose]();
    expect((await Promise.all(tests)).map(([status]) => status)).toEqual(Array(8).fill(200));
    expect((await rig.test({ name: "a", form }))[0]).toBe(400);
  });
});

test("the page learns the place of an error in the file, and the log has the message once", async () => {
  await withSetup(STARTER, async (rig) => {
    writeFileSync(rig.file, `${STARTER}hidden_text: 1\n`);
    for (let asked = 0; asked < 2; asked++)
      expect(await rig.state()).toEqual({
        isOn: false,
        file: rig.file,
        reason:
          "The configuration file has an error at line 10, column 1. The log of the Alertmanager has the message.",
      });
    expect(rig.log().split("hidden_text")).toHaveLength(2);
  });
});

test("Slack and webhook: the URL is checked, hidden in errors, and stored in a file", async () => {
  await using sink = await httpSink({ status: 404, body: "no_service" });
  await withSetup(STARTER, async (rig) => {
    const form = { kind: "slack", texts: { channel: "#alerts" }, flags: { send_resolved: true } };
    const secret = `${sink.url}/services/T00/B00/abcdefghijklmnopqrst`;
    const [, tested] = await rig.test({ name: "chat", form, secret });
    expect(tested).toMatchObject({ results: [{ outcome: "failed", reason: expect.stringContaining("no_service") }] });
    const shown = [tested, await rig.put({ name: "chat", form, secret: "ftp://secret-place" })];
    expect(shown[1]).toEqual([400, expect.stringContaining("unsupported scheme")]);
    expect(await rig.put({ name: "chat", form })).toEqual([400, expect.stringMatching(/^no Slack API URL/)]);
    const [status, after] = await rig.put({ name: "chat", form, secret, isDefault: true });
    expect([status, after]).toEqual([200, expect.objectContaining({ isOn: true })]);
    expect(rig.text()).toContain(`  receiver: chat # the root`);
    expect(rig.text()).toContain(`      - channel: "#alerts"
        send_resolved: true
        api_url_file: "${secretFile(rig)}"`);
    expect(JSON.stringify([shown, after, rig.text(), rig.log()])).not.toMatch(/abcdefgh|secret-place/);
    const hook = { kind: "webhook", flags: { send_resolved: false } };
    expect((await rig.put({ name: "chat", form: hook, secret }))[0]).toBe(200);
    expect(rig.text()).toContain("    webhook_configs:\n      - send_resolved: false\n        url_file:");
    expect(rig.text()).not.toContain("slack_configs");
    expect(await rig.remove("chat")).toEqual([409, expect.stringContaining("A route names this receiver")]);
    expect((await rig.put({ name: "spare", isDefault: true }))[0]).toBe(200);
    expect((await rig.remove("chat"))[0]).toBe(200);
    expect(await rig.remove("chat")).toEqual([404, expect.stringContaining("no receiver")]);
    expect(rig.text()).toBe(STARTER.replace("receiver: on-call", "receiver: spare"));
  });
});

test("if two pages save at once, one is refused", async () => {
  await withSetup(STARTER, async (rig) => {
    const { tag } = await rig.state();
    const form = { kind: "webhook" };
    const both = await Promise.all(
      ["a", "b"].map((name) => rig.put({ name, form, secret: `http://${name}/hook` }, tag)),
    );
    expect(both.map(([status]) => status).sort()).toEqual([200, 412]);
    expect(both.find(([status]) => status === 412)![1]).toContain("since the page was loaded. Load");
    expect((await rig.state()).receivers).toHaveLength(3);
    expect(readdirSync(join(rig.folder, "data", "receiver-secrets"))).toHaveLength(1);
  });
});

test.each([
  ["a symbolic link", ({ file }: Rig) => (renameSync(file, `${file}.to`), symlinkSync(`${file}.to`, file)), /symbolic/],
  ["a read-only file", ({ file }: Rig) => chmodSync(file, 0o444), /read-only/],
  ["an error", ({ file }: Rig) => writeFileSync(file, "route: {receiver: x}\n"), /has an error at line 1, /],
  ["another encoding", ({ file }: Rig) => writeFileSync(file, "\ufeffroute:", "utf16le"), /not UTF-8/],
  ["several documents", ({ file }: Rig) => writeFileSync(file, `${STARTER}---\na: 1\n`), /cannot be edited by a page/],
])("%s is not changed, and the page learns why", async (_, prepare, reason) => {
  await withSetup(STARTER, async (rig) => {
    const { tag } = await rig.state();
    prepare(rig);
    const before = rig.text();
    expect(await rig.state()).toEqual({ isOn: false, file: rig.file, reason: expect.stringMatching(reason) as string });
    const [status] = await rig.put({ name: "a", form: { kind: "webhook" }, secret: "http://a/b" }, tag);
    expect([409, 412]).toContain(status);
    expect([rig.text(), readdirSync(rig.folder).includes("alertmanager.yml.before-change")]).toEqual([before, false]);
  });
});

test("receivers that the form cannot show are changed only in the file", async () => {
  const config = `global: {smtp_from: a@b, smtp_smarthost: 'm:25', slack_api_url: 'http://s/x'}
route: {receiver: several}
receivers:
- name: several
  webhook_configs: [{url: 'http://a'}, {url: 'http://b'}]
- name: other
  pushover_configs: [{user_key: u, token: t}]
- &anchored
  name: anchored
  slack_configs: [{channel: c}]
- name: tagged
  email_configs: [{to: !env NARTHEX_UI_DIR}]
- name: inherits
  slack_configs: [{channel: c}]
`;
  await withSetup(config, async (rig) => {
    const { receivers } = await rig.state();
    expect(receivers.map(({ name, reason, form }) => [name, reason?.split(".")[0] ?? form])).toEqual([
      ["several", "The form has one of email, slack, webhook"],
      ["other", "The form has one of email, slack, webhook"],
      ["anchored", "The receiver uses anchors, aliases or tags of YAML"],
      ["tagged", "The receiver uses anchors, aliases or tags of YAML"],
      ["inherits", { kind: "slack", texts: { channel: "c" }, flags: { send_resolved: false }, hasSecret: true }],
    ]);
    const form = { kind: "slack", texts: { channel: "d" }, flags: { send_resolved: false } };
    for (const name of ["several", "other", "anchored", "tagged"])
      expect((await rig.put({ name, form, secret: "http://a/b" }))[0]).toBe(409);
    expect((await rig.remove("anchored"))[0]).toBe(409);
    expect((await rig.put({ name: "other", isDefault: true }))[0]).toBe(200);
    expect((await rig.put({ name: "inherits", form }))[0]).toBe(200);
    expect(rig.text()).toBe(config.replace("receiver: several", "receiver: other").replace(/c\}\]\n$/, "d}]\n"));
  });
});

test("if the file cannot be written or used, it stays as it was, and no secret is left", async () => {
  const config = `${STARTER}    webhook_configs: [{url: "http://a", http_config: {tls_config: {ca_file: missing.pem}}}]\n`;
  await withSetup(config, async (rig) => {
    const left = (): readonly string[] => [
      rig.text(),
      ...readdirSync(join(rig.folder, "data", "receiver-secrets")),
      ...readdirSync(rig.folder).filter((name) => name.includes("in_progress")),
    ];
    const draft = { name: "a", form: { kind: "webhook" }, secret: "http://a/b" };
    mkdirSync(`${rig.file}.before-change`);
    expect(await rig.put(draft)).toEqual([409, expect.stringContaining("The file cannot be changed: EISDIR")]);
    expect(left()).toEqual([config]);
    rmdirSync(`${rig.file}.before-change`);
    expect(await rig.put({ name: "spare", isDefault: true })).toEqual([400, expect.stringContaining("missing.pem")]);
    expect(left()).toEqual([config]);
    expect(await (await fetch(`${rig.url}/api/v2/status`)).text()).toContain("receiver: on-call");
    expect((await rig.put(draft))[0]).toBe(200);
  });
});

test.each([
  [{ name: "" }, 400, "Enter a name."],
  [{ name: "a\nb" }, 400, "name contains control characters"],
  [{ name: "a", form: { kind: "sms" } }, 400, "kind must be one of email, slack, webhook"],
  [{ name: "a", form: { kind: "email", texts: { html: "x" } } }, 400, 'unknown member "html"; known are'],
  [{ name: "a", form: { kind: "email", texts: { to: 1 } } }, 400, "to must be a string"],
  [{ name: "a", form: { kind: "email", texts: { to: "a".repeat(2001) } } }, 400, "to has more than 2000 characters"],
  [{ name: "a", form: { kind: "email" } }, 400, "missing to address in email config"],
  [{ name: "a", form: mail("mail.example.org") }, 400, "missing port in address"],
  [{ name: "a", form: { kind: "webhook" }, secret: " http://a" }, 400, "secret must not begin or end with white space"],
  [{ name: "nobody", isDefault: true }, 404, 'no receiver "nobody" in the file'],
])("%j is refused", async (body, status, message) => {
  await withSetup(STARTER, async (rig) => {
    expect(await rig.put(body)).toEqual([status, expect.stringContaining(message)]);
    expect(rig.text()).toBe(STARTER);
  });
});

test("without the flag, only the path of the file is known", async () => {
  await withSetup(
    STARTER,
    async (rig) => {
      expect(await rig.state()).toEqual({ isOn: false, file: rig.file });
      for (const answer of [
        await rig.put({ name: "a" }, "x"),
        await rig.remove("spare"),
        await rig.test({ name: "a", form: mail("a:1") }),
      ])
        expect(answer).toEqual([404, expect.stringContaining("--web.enable-receiver-setup")]);
      expect(rig.text()).toBe(STARTER);
    },
    false,
  );
});

test("other sites' pages are refused, also those whose host name leads to this machine", async () => {
  await withSetup(STARTER, async ({ url }) => {
    const ask = (method: string, headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const to = `${url}/api/v2/narthex/receiver-setup`;
        httpRequest(to, { method, headers }, (response) => resolve(response.resume().statusCode!))
          .on("error", reject)
          .end();
      });
    const host = new URL(url).host;
    const local = host.replace("127.0.0.1", "localhost");
    const rebound = host.replace("127.0.0.1", "evil.example");
    expect(await ask("GET", { host: local })).toBe(200);
    expect(await ask("GET", { host: rebound })).toBe(403);
    expect(await ask("PUT", { host: rebound, origin: `http://${rebound}` })).toBe(403);
    expect(await ask("PUT", { origin: "http://evil.example" })).toBe(403);
    expect(await ask("PUT", { "sec-fetch-site": "cross-site", origin: `http://${host}` })).toBe(403);
    expect(await ask("PUT", { origin: `http://${host}` })).toBe(422);
    expect(await ask("DELETE", { origin: `http://${host}` })).toBe(428);
  });
});
