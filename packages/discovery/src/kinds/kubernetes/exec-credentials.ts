import { execFile } from "node:child_process";
import { isAbsolute, join } from "node:path";
import { Secret } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import type { ExecPlugin, KubeCluster } from "./kubeconfig.ts";

export interface ExecCredential {
  readonly token: Secret | undefined;
  /** Client certificate in PEM, or "" for none. */
  readonly certificate: string;
  readonly key: Secret | undefined;
  /** Wall clock time at which the credentials expire, epoch ms. Infinity if they never expire. */
  readonly expiresAt: number;
}

export interface ExecSource {
  readonly plugin: ExecPlugin;
  readonly cluster: KubeCluster;
  /** Folder of the kubeconfig file. A plugin command such as `./login` is relative to this folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
const PLUGIN_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Credentials that a kubeconfig's credential plugin prints. Runs the plugin at first use, after the credentials
 * expired, and after the server refused them.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export class ExecCredentials {
  readonly #source: ExecSource;
  readonly #context: { readonly clock: Clock; readonly signal: AbortSignal };
  #known: ExecCredential | undefined;
  #pending: Promise<ExecCredential> | undefined;

  /** Throws if the settings of the credential plugin cannot be used. */
  constructor(source: ExecSource, context: { readonly clock: Clock; readonly signal: AbortSignal }) {
    const { apiVersion, command, interactiveMode } = source.plugin;
    if (!VERSIONS.includes(apiVersion)) {
      throw new Error(`exec plugin: invalid apiVersion "${apiVersion}"; use ${VERSIONS.join(" or ")}`);
    }
    if (command === "") throw new Error("exec plugin: command is missing; name the program to run");
    if (interactiveMode === "Always") {
      throw new Error(
        `exec plugin ${command} needs a terminal (interactiveMode: Always), which this server does not have`,
      );
    }
    this.#source = source;
    this.#context = context;
  }

  /** Returns valid credentials, and runs the credential plugin if necessary. Rejects if the plugin fails. */
  async current(): Promise<ExecCredential> {
    if (this.#known !== undefined && this.#known.expiresAt > this.#context.clock.now()) return this.#known;
    this.#pending ??= this.#run().finally(() => (this.#pending = undefined));
    return this.#pending;
  }

  /** Discards the credentials. The next call of current() runs the credential plugin again. */
  forget(): void {
    this.#known = undefined;
  }

  async #run(): Promise<ExecCredential> {
    const { plugin, folder, env } = this.#source;
    const { command, args, installHint } = plugin;
    const path = command.includes("/") && !isAbsolute(command) ? join(folder, command) : command;
    const own = Object.fromEntries(plugin.env.map(({ name, value }) => [name, value]));
    const printed = await new Promise<string>((resolve, reject) => {
      const options = {
        env: { ...env, ...own, KUBERNETES_EXEC_INFO: this.#info() },
        timeout: PLUGIN_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        signal: this.#context.signal,
      };
      execFile(path, args, options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
        const reason = isMissing ? `not found. ${installHint}` : stderr.trim() || error.message;
        reject(new Error(`exec plugin ${command}: ${reason.trim()}`, { cause: error }));
      });
    });
    return (this.#known = readCredential(printed, plugin));
  }

  /**
   * Returns the ExecCredential object that a credential plugin gets in its environment;
   * https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
   */
  #info(): string {
    const { plugin, cluster } = this.#source;
    const { server, tlsServerName, skipVerify, caData, proxyUrl } = cluster;
    const execInfo = {
      server,
      "tls-server-name": tlsServerName,
      "insecure-skip-tls-verify": skipVerify,
      "certificate-authority-data": caData,
      "proxy-url": proxyUrl,
    };
    const spec = { interactive: false, ...(plugin.provideClusterInfo ? { cluster: execInfo } : {}) };
    return JSON.stringify({ apiVersion: plugin.apiVersion, kind: "ExecCredential", spec });
  }
}

function readCredential(printed: string, { apiVersion, command }: ExecPlugin): ExecCredential {
  const refuse = (what: string): Error => new Error(`exec plugin ${command}: ${what}`);
  let object: {
    kind?: string;
    apiVersion?: string;
    status?: {
      token?: string;
      clientCertificateData?: string;
      clientKeyData?: string;
      expirationTimestamp?: string;
    };
  };
  try {
    object = JSON.parse(printed) as typeof object;
  } catch (cause) {
    throw Object.assign(refuse("printed no JSON"), { cause });
  }
  if (object.kind !== "ExecCredential") throw refuse("printed no ExecCredential");
  if (object.apiVersion !== apiVersion) {
    throw refuse(`is configured to use API version ${apiVersion}, plugin returned version ${object.apiVersion}`);
  }
  const { token = "", clientCertificateData = "", clientKeyData = "", expirationTimestamp } = object.status ?? {};
  if ((clientCertificateData === "") !== (clientKeyData === "")) {
    throw refuse("printed only one of clientCertificateData and clientKeyData");
  }
  if (token === "" && clientKeyData === "") throw refuse("printed neither token nor clientCertificateData");
  const expiresAt = expirationTimestamp === undefined ? Infinity : Date.parse(expirationTimestamp);
  return {
    token: token === "" ? undefined : new Secret(token),
    certificate: clientCertificateData,
    key: clientKeyData === "" ? undefined : new Secret(clientKeyData),
    expiresAt: Number.isNaN(expiresAt) ? Infinity : expiresAt,
  };
}
