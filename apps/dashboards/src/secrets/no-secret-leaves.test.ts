import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answer, type RunningRole, withRole } from "../testing/running-role.ts";

/** Text that is part of each secret in this test, so that the test finds it in responses and logs. */
const CANARY = "c4n4ry";
const secret = (name: string): string => `${CANARY}-${name}-0123456789`;

const SETTINGS = {
  GF_LOG_LEVEL: "debug",
  GF_SECURITY_SECRET_KEY: secret("key"),
  GF_SMTP_ENABLED: "true",
  GF_SMTP_HOST: "127.0.0.1:9",
  GF_SMTP_USER: "mailer",
  GF_SMTP_PASSWORD: secret("smtp"),
  GF_AUTH_GENERIC_OAUTH_ENABLED: "true",
  GF_AUTH_GENERIC_OAUTH_CLIENT_ID: "narthex",
  GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET: secret("client"),
  GF_AUTH_GENERIC_OAUTH_AUTH_URL: "http://127.0.0.1:9/auth",
  GF_AUTH_GENERIC_OAUTH_TOKEN_URL: "http://127.0.0.1:9/token",
  GF_AUTH_GENERIC_OAUTH_API_URL: "http://127.0.0.1:9/me",
  GF_AUTH_JWT_URL_LOGIN: "true",
};

/** A request body with secrets in all fields that are secret in one of the routes. */
const BODY = {
  name: "a",
  login: "a",
  user: "a",
  type: "prometheus",
  access: "proxy",
  url: "http://127.0.0.1:9",
  userOrEmail: "admin",
  loginOrEmail: "b@example.org",
  password: secret("password"),
  oldPassword: secret("old"),
  newPassword: secret("new"),
  confirmPassword: secret("new"),
  confirmNew: secret("confirmed"),
  code: secret("code"),
  inviteCode: secret("invite"),
  token: secret("token"),
  basicAuthPassword: secret("basic"),
  secureJsonData: {
    basicAuthPassword: secret("basic"),
    password: secret("database"),
    httpHeaderValue1: secret("header"),
  },
  dashboard: { title: "A" },
};

/** Senders whose requests differ only in their credentials and bodies. */
const SENDERS: readonly (readonly [user: string, headers: Readonly<Record<string, string>>, body: unknown])[] = [
  ["admin:ADMIN", {}, BODY],
  ["admin:ADMIN", { "content-type": "application/json" }, `{"password": "${secret("broken")}", `],
  [`admin:${secret("wrong")}`, {}, BODY],
  ["", { authorization: `Bearer glsa_${secret("token")}` }, BODY],
  ["", { cookie: `grafana_session=${secret("session")}; narthex_flow=${secret("flow")}` }, BODY],
];

/** Sends a request to each route as each sender, and returns the responses. */
async function answersOfAllRoutes(role: RunningRole): Promise<[request: string, Answer][]> {
  const table = readFileSync(join(import.meta.dirname, "../testing/route-rights.txt"), "utf8");
  const answers: [string, Answer][] = [];
  for (const line of table.trim().split("\n")) {
    const [method = "", route = ""] = line.split(" ");
    // Replaces the placeholders in the route's path by a secret code or by ids of existing objects, and adds a secret
    // URL parameter.
    const path = route
      .replace(":code", secret("path"))
      .replace(/:(?:id|userId|tokenId)\b/g, "1")
      .replace(/:\w+|\*/g, "a");
    const query = `?auth_token=${secret("jwt")}&token=${secret("link")}&code=${secret("code")}&state=${secret("state")}`;
    for (const [user, headers, body] of SENDERS) {
      const sent = method === "GET" || method === "HEAD" ? undefined : body;
      const credentials = user.replace("ADMIN", secret("admin"));
      answers.push([line, await role.call(method, path + query, sent, { user: credentials, headers })]);
    }
  }
  return answers;
}

/**
 * Reports whether the server has created a header itself. The cookie with the address to open after the login repeats
 * the query string of the browser, without a JWT.
 */
const isOfServer = ([name, value]: readonly [string, string]): boolean =>
  name !== "set-cookie" || !value.startsWith("redirect_to=") || value.includes("jwt");

test("no secret of a request or of the settings is in the log, in an answer of any route, in the audit log or in a file of the data folder", async () => {
  await withRole({ env: { ...SETTINGS, GF_SECURITY_ADMIN_PASSWORD: secret("admin") } }, async (role) => {
    const answers = await answersOfAllRoutes(role);
    expect(answers.length).toBeGreaterThan(1400);
    const user = `admin:${secret("admin")}`;
    for (const path of ["/api/narthex/audit?limit=1000", "/api/narthex/audit/export", "/api/datasources", "/metrics"])
      answers.push([path, await role.call("GET", path, undefined, { user })]);
    const leaking = answers.flatMap(([request, { status, text, headers }]) => {
      const written = [text, ...Iterator.from(headers.entries()).filter(isOfServer).map(String)];
      return written.some((one) => one.includes(CANARY)) ? [`${status} ${request}`] : [];
    });
    expect(leaking).toEqual([]);
    const lines = `${role.host.output.stdout}${role.host.output.stderr}`.split("\n");
    expect(lines.filter((line) => line.includes(CANARY))).toEqual([]);
    const files = readdirSync(role.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name));
    expect(paths.filter((path) => readFileSync(path).includes(CANARY))).toEqual([]);
    expect(paths.some((path) => path.endsWith(".db"))).toBe(true);
  });
});
