import {
  decodeYaml,
  field,
  filePath,
  flag,
  listOf,
  mapOf,
  optional,
  type Secret,
  secret,
  section,
  text,
} from "@narthex/config";

/**
 * Address and TLS settings of a cluster's API server; https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
export interface KubeCluster {
  readonly server: string;
  readonly tlsServerName: string;
  readonly skipVerify: boolean;
  readonly ca: string;
  /** Certificates of the certificate authority, PEM in base64. */
  readonly caData: string;
  readonly proxyUrl: string;
}

export interface KubeUser {
  readonly certificate: string;
  /** Client certificate in base64. */
  readonly certificateData: string;
  readonly key: string;
  /** Key of the client certificate in base64. */
  readonly keyData: Secret | undefined;
  readonly token: Secret | undefined;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: Secret | undefined;
  readonly as: string;
  readonly asUid: string;
  readonly asGroups: readonly string[];
  readonly asExtra: ReadonlyMap<string, readonly string[]>;
  readonly exec: ExecPlugin | undefined;
  /** Setting `auth-provider` of the kubeconfig. Kubernetes has removed this feature. */
  readonly authProvider: { readonly name: string } | undefined;
}

/** Setting `exec` of a kubeconfig user: the program that prints credentials. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint: string;
  readonly interactiveMode: string;
  readonly provideClusterInfo: boolean;
}

/** Cluster, user and namespace of the current context of a kubeconfig. */
export interface KubeContext {
  readonly cluster: KubeCluster;
  readonly user: KubeUser;
}

const cluster = section<KubeCluster>("Cluster", {
  server: field("server", text, ""),
  tlsServerName: field("tls-server-name", text, ""),
  skipVerify: field("insecure-skip-tls-verify", flag, false),
  ca: field("certificate-authority", filePath, ""),
  caData: field("certificate-authority-data", text, ""),
  proxyUrl: field("proxy-url", text, ""),
});

const exec = section<ExecPlugin>("ExecConfig", {
  apiVersion: field("apiVersion", text, ""),
  command: field("command", text, ""),
  args: field("args", listOf(text), []),
  env: field(
    "env",
    listOf(section("ExecEnvVar", { name: field("name", text, ""), value: field("value", text, "") })),
    [],
  ),
  installHint: field("installHint", text, ""),
  interactiveMode: field("interactiveMode", text, ""),
  provideClusterInfo: field("provideClusterInfo", flag, false),
});

const user = section<KubeUser>("AuthInfo", {
  certificate: field("client-certificate", filePath, ""),
  certificateData: field("client-certificate-data", text, ""),
  key: field("client-key", filePath, ""),
  keyData: optional("client-key-data", secret),
  token: optional("token", secret),
  tokenFile: field("tokenFile", filePath, ""),
  username: field("username", text, ""),
  password: optional("password", secret),
  as: field("as", text, ""),
  asUid: field("as-uid", text, ""),
  asGroups: field("as-groups", listOf(text), []),
  asExtra: field("as-user-extra", mapOf(listOf(text)), new Map<string, readonly string[]>()),
  exec: optional("exec", exec),
  authProvider: optional("auth-provider", section("AuthProvider", { name: field("name", text, "") })),
});

interface Kubeconfig {
  readonly current: string;
  readonly clusters: readonly { readonly name: string; readonly cluster: KubeCluster }[];
  readonly users: readonly { readonly name: string; readonly user: KubeUser }[];
  readonly contexts: readonly { readonly name: string; readonly context: ContextNames }[];
}

interface ContextNames {
  readonly cluster: string;
  readonly user: string;
}

const contextNames = section<ContextNames>("Context", {
  cluster: field("cluster", text, ""),
  user: field("user", text, ""),
});

const kubeconfig = section<Kubeconfig>("Config", {
  current: field("current-context", text, ""),
  clusters: field(
    "clusters",
    listOf(
      section("NamedCluster", { name: field("name", text, ""), cluster: field("cluster", cluster, cluster.empty()) }),
    ),
    [],
  ),
  users: field(
    "users",
    listOf(section("NamedAuthInfo", { name: field("name", text, ""), user: field("user", user, user.empty()) })),
    [],
  ),
  contexts: field(
    "contexts",
    listOf(
      section("NamedContext", {
        name: field("name", text, ""),
        context: field("context", contextNames, contextNames.empty()),
      }),
    ),
    [],
  ),
});

/**
 * Returns the current context of a kubeconfig. Relative paths in it start at the kubeconfig's folder. Throws an error
 * that names the problem.
 */
export function readKubeconfig(content: string, path: string): KubeContext {
  const loaded = decodeYaml(content, path, kubeconfig, { ignoreUnknownFields: true });
  if (!loaded.ok) {
    throw new Error(loaded.problems.map(({ line, message }) => `${path}:${line}: ${message}`).join("; "));
  }
  const { current, clusters, users, contexts } = loaded.value;
  const missing = (what: string): Error => new Error(`kubeconfig ${path}: ${what}`);
  if (current === "") throw missing("no current-context; set one of its contexts");
  const context = contexts.find(({ name }) => name === current)?.context;
  if (context === undefined) throw missing(`context "${current}" does not exist`);
  const found = clusters.find(({ name }) => name === context.cluster)?.cluster;
  if (found === undefined) throw missing(`cluster "${context.cluster}" does not exist`);
  if (found.server === "") throw missing(`cluster "${context.cluster}" has no server`);
  const who = users.find(({ name }) => name === context.user)?.user;
  if (who === undefined && context.user !== "") throw missing(`user "${context.user}" does not exist`);
  return { cluster: found, user: who ?? user.empty() };
}
