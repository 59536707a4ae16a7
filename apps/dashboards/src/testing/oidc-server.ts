import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Adapter, type AdapterPayload, type Configuration, type JWK, Provider } from "oidc-provider";
import { onTestFinished } from "vitest";

export interface OidcServer {
  readonly issuer: string;
  /** Claims of the provider's only account. Tests change them. */
  claims: Readonly<Record<string, unknown>>;
  /** Whether the server closes each connection without a response. */
  isDown: boolean;
  /**
   * Follows the provider's redirects from a sign-in address until they reach the client's address. Returns that
   * address.
   */
  signIn(url: string): Promise<string>;
}

/** Address of the OAuth client. Nothing listens at it. */
export const CLIENT_URL = "http://dashboards.test";

/**
 * Starts an OpenID Connect provider that signs in its only account without user input. The client is `narthex` with the
 * secret `shared`.
 */
export async function startOidcServer(keys: readonly string[] = ["generic_oauth"]): Promise<OidcServer> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const server = createServer((request, response) => {
    if (made.isDown) request.socket.destroy();
    else handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void (server.closeAllConnections(), server.close()));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made: OidcServer = { issuer, claims: { sub: "7" }, isDown: false, signIn };
  const provider = new Provider(
    issuer,
    configuration(keys, () => made.claims),
  );
  const callback = provider.callback();
  handle = (request, response) => {
    if (request.url?.startsWith("/interaction/") === true) void answerInteraction(provider, request, response);
    else void callback(request, response);
  };
  return made;
}

/** Stores the provider's records in memory. It replaces the library's own adapter, which prints warnings. */
class MemoryAdapter implements Adapter {
  static readonly #all = new Map<string, AdapterPayload>();
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    MemoryAdapter.#all.set(`${this.#kind} ${id}`, payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return MemoryAdapter.#all.get(`${this.#kind} ${id}`);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...MemoryAdapter.#all.values()].find((payload) => payload.uid === uid);
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload !== undefined) payload.consumed = true;
  }

  async destroy(id: string): Promise<void> {
    MemoryAdapter.#all.delete(`${this.#kind} ${id}`);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of MemoryAdapter.#all) if (payload.grantId === grantId) MemoryAdapter.#all.delete(key);
  }
}

/** Generates the key that signs the provider's ID tokens. */
function newKeys(): { readonly keys: JWK[] } {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { keys: [{ ...(privateKey.export({ format: "jwk" }) as JWK), kid: "test", use: "sig", alg: "RS256" }] };
}

function configuration(keys: readonly string[], claims: () => Readonly<Record<string, unknown>>): Configuration {
  return {
    adapter: MemoryAdapter,
    jwks: newKeys(),
    clients: [
      {
        client_id: "narthex",
        client_secret: "shared",
        token_endpoint_auth_method: "client_secret_post",
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: keys.map((key) => `${CLIENT_URL}/login/${key}`),
        post_logout_redirect_uris: [`${CLIENT_URL}/login`],
      },
    ],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
      groups: ["groups", "hasgroups"],
    },
    scopes: ["openid", "profile", "email", "groups", "offline_access"],
    conformIdTokenClaims: false,
    cookies: { keys: ["test"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ ...claims(), sub: String(claims()["sub"]) }),
    }),
    issueRefreshToken: () => Promise.resolve(true),
    rotateRefreshToken: true,
    pkce: { required: () => false },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 600,
      Interaction: 600,
      Session: 86_400,
      RefreshToken: 86_400,
    },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! });
      grant.addOIDCScope("openid profile email groups offline_access");
      await grant.save();
      return grant;
    },
  };
}

async function answerInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await provider.interactionFinished(request, response, { login: { accountId: "7" } });
}

async function signIn(url: string): Promise<string> {
  const jar = new Map<string, string>();
  let next = url;
  for (let step = 0; step < 10; step++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(next, { redirect: "manual", headers: { cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location === null) throw new Error(`${answer.status}: ${await answer.text()}`);
    next = new URL(location, next).href;
    if (next.startsWith(CLIENT_URL)) return next;
  }
  throw new Error("the provider redirects without end");
}
