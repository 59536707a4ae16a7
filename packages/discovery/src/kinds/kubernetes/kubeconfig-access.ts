import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { defaultHttpClient, type HttpClientConfig, Secret } from "@narthex/config";
import type { DiscoveryContext } from "../../discoverer.ts";
import { absoluteUrl, directAccess } from "./direct-access.ts";
import type { ApiAccess, OpenAccess } from "./api-server.ts";
import { type ExecCredential, ExecCredentials } from "./exec-credentials.ts";
import { type KubeCluster, type KubeUser, readKubeconfig } from "./kubeconfig.ts";

/**
 * Returns access to the API server in a kubeconfig's current context, with the credentials of its user. Rejects if the
 * kubeconfig is unusable.
 */
export async function kubeconfigAccess(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  context: Pick<DiscoveryContext, "connect" | "signal" | "clock">,
): Promise<ApiAccess> {
  const { cluster, user } = readKubeconfig(await readFile(path, "utf8"), path);
  if (user.authProvider !== undefined) {
    throw new Error(
      `kubeconfig ${path}: auth-provider "${user.authProvider.name}" was removed from Kubernetes; use exec`,
    );
  }
  const url = absoluteUrl(cluster.server);
  const client = clientOf(cluster, user, path);
  const headers = impersonation(user, path);
  if (user.exec === undefined) return directAccess(url, client, context, { headers });
  const from = { plugin: user.exec, cluster, folder: dirname(path), env };
  const credentials = new ExecCredentials(from, context);
  const access = new ExecAccess(client, headers, credentials, context);
  return { url, ownNamespace: "", open: () => access.open(), refused: () => credentials.forget() };
}

function clientOf(cluster: KubeCluster, user: KubeUser, path: string): HttpClientConfig {
  if (cluster.skipVerify && (cluster.ca !== "" || cluster.caData !== "")) {
    throw new Error(
      `kubeconfig ${path}: specifying a root certificates file with the insecure flag is not allowed; remove one`,
    );
  }
  const key = decoded(user.keyData?.reveal() ?? "");
  const cert = decoded(user.certificateData);
  const hasToken = user.tokenFile !== "" || user.token !== undefined;
  return {
    ...defaultHttpClient,
    proxyUrl: cluster.proxyUrl,
    basicAuth:
      user.username === "" || hasToken
        ? undefined
        : { username: user.username, usernameFile: "", password: user.password, passwordFile: "" },
    authorization: hasToken
      ? {
          type: "Bearer",
          credentials: user.tokenFile === "" ? user.token : undefined,
          credentialsFile: user.tokenFile,
        }
      : undefined,
    tls: {
      ...defaultHttpClient.tls,
      insecureSkipVerify: cluster.skipVerify,
      serverName: cluster.tlsServerName,
      ca: decoded(cluster.caData),
      caFile: cluster.caData === "" ? cluster.ca : "",
      cert,
      certFile: cert === "" ? user.certificate : "",
      key: key === "" ? undefined : new Secret(key),
      keyFile: key === "" ? user.key : "",
    },
  };
}

const decoded = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");

/**
 * Returns the HTTP headers for a kubeconfig user with `as`, which impersonates another user;
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
function impersonation({ as, asUid, asGroups, asExtra }: KubeUser, path: string): Record<string, string> {
  if (as === "") {
    if (asUid !== "" || asGroups.length > 0 || asExtra.size > 0) {
      throw new Error(`kubeconfig ${path}: as-uid, as-groups and as-user-extra need the field as; add it`);
    }
    return {};
  }
  const headers: Record<string, string> = { "impersonate-user": as };
  if (asUid !== "") headers["impersonate-uid"] = asUid;
  const single = (name: string, values: readonly string[]): void => {
    if (values.length > 1) throw new Error(`kubeconfig ${path}: several values of ${name} cannot be sent; keep one`);
    if (values.length === 1) headers[name] = values[0]!;
  };
  single("impersonate-group", asGroups);
  for (const [key, values] of asExtra) single(`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`, values);
  return headers;
}

/**
 * Access to an API server with credentials from a credential plugin. Each client certificate needs its own HTTP client.
 */
class ExecAccess {
  readonly #client: HttpClientConfig;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #credentials: ExecCredentials;
  readonly #context: Pick<DiscoveryContext, "connect" | "signal">;
  #opened: (OpenAccess & { readonly with: ExecCredential }) | undefined;

  constructor(
    client: HttpClientConfig,
    headers: Readonly<Record<string, string>>,
    credentials: ExecCredentials,
    context: Pick<DiscoveryContext, "connect" | "signal">,
  ) {
    this.#client = client;
    this.#headers = headers;
    this.#credentials = credentials;
    this.#context = context;
    context.signal.addEventListener("abort", () => void this.#opened?.http.close(), { once: true });
  }

  async open(): Promise<OpenAccess> {
    const credential = await this.#credentials.current();
    const before = this.#opened;
    if (before?.with === credential) return before;
    const http =
      before !== undefined && before.with.certificate === credential.certificate
        ? before.http
        : await this.#connect(credential);
    const authorization =
      credential.token === undefined ? {} : { authorization: `Bearer ${credential.token.reveal()}` };
    this.#opened = { http, headers: { ...this.#headers, ...authorization }, with: credential };
    // Closes the HTTP client with the old certificate. Its running requests fail, and are repeated with the new
    // certificate.
    if (before !== undefined && before.http !== http) void before.http.close();
    if (this.#context.signal.aborted) void http.close();
    return this.#opened;
  }

  #connect({ certificate, key }: ExecCredential) {
    if (certificate === "") return this.#context.connect(this.#client);
    const tls = { ...this.#client.tls, cert: certificate, certFile: "", key, keyFile: "" };
    return this.#context.connect({ ...this.#client, tls });
  }
}
