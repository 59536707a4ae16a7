import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import {
  decodeYaml,
  field,
  formatProblem,
  isNull,
  optional,
  parseYaml,
  section,
  type TlsConfig,
  tlsSection,
} from "@narthex/config";
import { type WatchedFile, tlsOptionsOf } from "@narthex/http";
import type { MeshTls } from "@narthex/mesh";
import { type Clock, FileBacked, type Logger, logOnChange, type ReadText } from "@narthex/runtime";
import { type ServerTerms, serverTerms, type ServerTls, ServerTlsError, serverTlsSection } from "@narthex/tls";

const fileSection = section("cluster.TLSTransportConfig", {
  server: optional("tls_server_config", serverTlsSection),
  client: field("tls_client_config", tlsSection, tlsSection.empty()),
});

/** Content of the file of `--cluster.tls-config`. The certificate and key files that it names are not read yet. */
export interface ClusterTlsFile {
  readonly server: ServerTls;
  readonly client: TlsConfig;
}

/**
 * The TLS configuration file, or a file named in it, cannot be used. The message is Alertmanager's message if
 * Alertmanager reports this error.
 */
class ClusterTlsError extends Error {
  override readonly name = "ClusterTlsError";
}

const fromDisk: ReadText = (path) => readFileSync(path, "utf8");

/** Reads `--cluster.tls-config`. Throws ClusterTlsError. */
export function readClusterTls(path: string, read: ReadText = fromDisk): ClusterTlsFile {
  let source: string;
  try {
    source = read(path);
  } catch (error) {
    throw new ClusterTlsError(`open ${path}: ${reasonOf(error)}`, { cause: error });
  }
  const { root } = parseYaml(source, path);
  const given = new Map(root?.kind === "map" ? root.entries.map(({ key, value }) => [key.text, value]) : []);
  const loaded = decodeYaml(source, path, fileSection);
  if (!loaded.ok) throw new ClusterTlsError(loaded.problems.map((problem) => formatProblem(problem)).join("\n"));
  const { server, client } = loaded.value;
  const missing = (key: string): never => {
    throw new ClusterTlsError(`missing '${key}' entry in the TLS configuration`);
  };
  if (server === undefined) return missing("tls_server_config");
  const clientNode = given.get("tls_client_config");
  if (clientNode !== undefined && isNull(clientNode)) return missing("tls_client_config");
  return { server, client };
}

/**
 * TLS settings for both ends of the connections between instances. Applies changes of the configuration file and of the
 * certificates that it names.
 */
export class ClusterTls implements MeshTls, WatchedFile {
  readonly path: string;
  readonly #files: FileBacked<{ readonly terms: ServerTerms; readonly client: ConnectionOptions }>;

  /**
   * Reads the configuration file. Throws ClusterTlsError. If the file changes later and the new content is invalid, the
   * error is logged and the last valid content stays in use.
   */
  constructor(path: string, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.path = path;
    const log = logOnChange(logger, "Reading the changed cluster TLS configuration");
    this.#files = new FileBacked({
      make: (read) => this.#make(read),
      isRefusal: (error) => error instanceof ClusterTlsError,
      clock,
      onRefused: ({ message }) => log.failed(message, { file: path, inForce: "the last good version" }),
      onChanged: () => log.succeeded({ file: path }),
    });
  }

  get refusals(): number {
    return this.#files.refusals;
  }

  problem(): string | undefined {
    this.#files.current();
    return this.#files.refusal?.message;
  }

  terms(): ServerTerms {
    return this.#files.current().terms;
  }

  client(): ConnectionOptions {
    return this.#files.current().client;
  }

  #make(read: ReadText): { terms: ServerTerms; client: ConnectionOptions } {
    const { server, client } = readClusterTls(this.path, read);
    return { terms: this.#termsOf(server, read), client: clientOptions(client, read) };
  }

  #termsOf(server: ServerTls, read: ReadText): ServerTerms {
    const fail = (reason: string): never => {
      throw new ClusterTlsError(`tls transport: invalid TLS server config: ${reason}`);
    };
    try {
      return serverTerms(server, this.path, read) ?? fail("TLS config is not present");
    } catch (error) {
      if (!(error instanceof ServerTlsError)) throw error;
      return fail(error.message);
    }
  }
}

function clientOptions(tls: TlsConfig, read: ReadText): ConnectionOptions {
  const given = (name: string, inline: string, path: string): string | undefined => {
    if (path === "") return inline || undefined;
    try {
      return read(path);
    } catch (error) {
      const reason = `failed to read ${name}_file (${path}): open ${path}: ${reasonOf(error)}`;
      throw new ClusterTlsError(reason, { cause: error });
    }
  };
  return tlsOptionsOf(tls, {
    ca: given("ca", tls.ca, tls.caFile),
    cert: given("cert", tls.cert, tls.certFile),
    key: given("key", tls.key?.reveal() ?? "", tls.keyFile),
  });
}

const reasonOf = (error: unknown): string => {
  const { code } = error as { code?: string };
  if (code === "ENOENT") return "no such file or directory";
  return code === "EACCES" ? "permission denied" : String(error);
};
