import type { RouteAccess } from "../server/access.ts";
import type { OrgRole } from "../server/principal.ts";
import { SCOPES, scopesOfRole } from "../server/scope.ts";
import { recordingServer } from "./recording-server.ts";
import { requestsOf } from "./route-walk.ts";

/** A client of a program with `--web.sign-in-url`: its credentials, scopes, and whether it may read only some series. */
interface SignInClient {
  readonly scopes: readonly string[];
  readonly isLimited: boolean;
  /** Whether the dashboards role knows the credentials. */
  readonly isKnown: boolean;
}

const client = (scopes: Iterable<string>, isLimited = false): SignInClient => ({
  scopes: [...scopes],
  isLimited,
  isKnown: true,
});
const UNKNOWN: SignInClient = { scopes: [], isLimited: false, isKnown: false };

/** Clients by name. The name of a client is also its token. */
const CLIENTS: Readonly<Record<string, SignInClient>> = {
  ...Object.fromEntries(SCOPES.map((scope) => [`only-${scope}`, client([scope])])),
  ...Object.fromEntries(
    (["None", "Viewer", "Editor", "Admin"] as const).map((role: OrgRole) => [role, client(scopesOfRole(role))]),
  ),
  limited: client(["read", "query", "push", "silence"], true),
  nobody: UNKNOWN,
  expired: UNKNOWN,
  revoked: UNKNOWN,
};

export interface SignInRole extends AsyncDisposable {
  readonly url: string;
}

/** Starts a server that answers like the dashboards role, and knows the tokens of `routesNotForTheirScopes()`. */
export async function signInRole(): Promise<SignInRole> {
  const server = await recordingServer(({ headers }) => {
    const name = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "nobody";
    const { scopes, isLimited, isKnown } = CLIENTS[name] ?? UNKNOWN;
    const person = { kind: "user", id: 1, login: name, role: "Viewer", scopes, nothing: null };
    const found = isKnown ? { ...person, matchers: isLimited ? [{ type: "=", name: "team", value: "a" }] : null } : {};
    const body = JSON.stringify({ ...found, loginUrl: "http://localhost:3000/login" });
    return { status: isKnown ? 200 : 401, body };
  });
  return { url: `http://${server.home}`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Sends a request and returns the status and the body of the answer. */
export type AskAs = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly body: string }>;

/** Returns the function that sends requests to the server at a URL. */
export const askAt =
  (base: string): AskAs =>
  async (method, path, headers) => {
    const answer = await fetch(base + path, { method, headers, redirect: "manual" });
    return { status: answer.status, body: await answer.text() };
  };

/**
 * Requests each route as each client, once with each of its methods. Returns the routes that refuse a client with the
 * route's scope, or that accept a client without it.
 */
export async function routesNotForTheirScopes(routes: readonly RouteAccess[], ask: AskAs): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [name, asking] of Object.entries(CLIENTS)) {
    const headers = name === "nobody" ? {} : { authorization: `Bearer ${name}` };
    for (const { route, method, path } of requestsOf(routes)) {
      const answer = await ask(method, path, headers);
      const [outcome, wanted] = [outcomeOf(method, answer), wantedOutcome(route, asking)];
      if (outcome !== wanted) wrong.push(`${name}: ${method} ${route.url} ${route.scope}: ${answer.status} ${outcome}`);
    }
  }
  return wrong;
}

type Outcome = "unknown" | "forbidden" | "passed";

function outcomeOf(method: string, { status, body }: Awaited<ReturnType<AskAs>>): Outcome {
  if (status === 401) return "unknown";
  return status === 403 && (method === "HEAD" || body.startsWith("Forbidden:")) ? "forbidden" : "passed";
}

function wantedOutcome({ scope, series }: RouteAccess, { scopes, isLimited, isKnown }: SignInClient): Outcome {
  if (scope === "open") return "passed";
  if (!isKnown) return "unknown";
  if (scope === undefined || !scopes.includes(scope)) return "forbidden";
  return isLimited && series === undefined ? "forbidden" : "passed";
}

/** Returns a line for each route, with its right, its scope and its answer to limited clients. */
export const routeLines = (routes: readonly RouteAccess[]): string =>
  `${routes
    .map(({ methods, url, access, scope, series }) =>
      [methods.join(","), url, access, scope, scope === "open" ? "" : `series:${series ?? "refused"}`]
        .join(" ")
        .trimEnd(),
    )
    .toSorted()
    .join("\n")}\n`;
