import { readFileSync } from "node:fs";
import type { TLSSocket } from "node:tls";
import {
  decodeYaml,
  field,
  filePath,
  flag,
  formatProblem,
  isNull,
  listOf,
  oneOf,
  optional,
  parseYaml,
  secret,
  section,
  text,
  tlsSection,
  type TlsVersion,
} from "@narthex/config";
import { CLIENT_AUTH, type ClientAuth, TLS_VERSIONS, tlsOptionsOf } from "@narthex/http";
import type { MeshTls } from "@narthex/mesh";

const version = oneOf<TlsVersion>(["TLS10", "TLS11", "TLS12", "TLS13"], (found) => `unknown TLS version: ${found}`);
const clientAuth = oneOf<ClientAuth>(CLIENT_AUTH, (found) => `invalid ClientAuth: ${found}`);

const serverSection = section("web.TLSConfig", {
  cert: field("cert", text, ""),
  certFile: field("cert_file", filePath, ""),
  key: optional("key", secret),
  keyFile: field("key_file", filePath, ""),
  clientAuth: field("client_auth_type", clientAuth, "NoClientCert"),
  clientCa: field("client_ca", text, ""),
  clientCaFile: field("client_ca_file", filePath, ""),
  allowedSans: field("client_allowed_sans", listOf(text), []),
  minVersion: field("min_version", version, "TLS12"),
  maxVersion: field("max_version", version, "TLS13"),
  // Node's own choice of ciphers and curves holds.
  cipherSuites: field("cipher_suites", listOf(text), []),
  curves: field("curve_preferences", listOf(text), []),
  preferServerCiphers: field("prefer_server_cipher_suites", flag, true),
});

const fileSection = section("cluster.TLSTransportConfig", {
  server: optional("tls_server_config", serverSection),
  client: field("tls_client_config", tlsSection, tlsSection.empty()),
});

type ServerTls = ReturnType<typeof serverSection.empty>;
type ClientTls = ReturnType<typeof tlsSection.empty>;

/** Reads `--cluster.tls-config`. Throws an Error, in Alertmanager's words where it has some. */
export function loadClusterTls(path: string): MeshTls {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`open ${path}: ${reasonOf(error)}`, { cause: error });
  }
  const { root } = parseYaml(source, path);
  const given = new Map(root?.kind === "map" ? root.entries.map(({ key, value }) => [key.text, value]) : []);
  const loaded = decodeYaml(source, path, fileSection);
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => formatProblem(problem)).join("\n"));
  const { server, client } = loaded.value;
  const missing = (key: string): never => {
    throw new Error(`missing '${key}' entry in the TLS configuration`);
  };
  if (server === undefined) return missing("tls_server_config");
  const clientNode = given.get("tls_client_config");
  if (clientNode !== undefined && isNull(clientNode)) return missing("tls_client_config");
  return {
    server: () => serverOptions(server),
    client: () => clientOptions(client),
    problem: (socket) => problemOf(socket, server),
  };
}

/** Text given in the file or in a file that it names. Throws an Error. */
function material(name: string, inline: string, path: string): string {
  if (path === "") return inline;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`failed to read ${name}_file (${path}): open ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

const reasonOf = (error: unknown): string => {
  const { code } = error as { code?: string };
  if (code === "ENOENT") return "no such file or directory";
  return code === "EACCES" ? "permission denied" : String(error);
};

function serverOptions(tls: ServerTls): Readonly<Record<string, unknown>> {
  const fail = (reason: string): never => {
    throw new Error(`tls transport: invalid TLS server config: ${reason}`);
  };
  let cert: string, key: string, ca: string;
  try {
    cert = material("cert", tls.cert, tls.certFile);
    key = material("key", tls.key?.reveal() ?? "", tls.keyFile);
    ca = material("client_ca", tls.clientCa, tls.clientCaFile);
  } catch (error) {
    return fail((error as Error).message);
  }
  if (cert === "") return fail("missing one of cert or cert_file");
  if (key === "") return fail("missing one of key or key_file");
  if (ca !== "" && tls.clientAuth === "NoClientCert") {
    return fail("Client CA's have been configured without a Client Auth Policy");
  }
  return {
    cert,
    key,
    ...(ca === "" ? {} : { ca }),
    minVersion: TLS_VERSIONS[tls.minVersion],
    maxVersion: TLS_VERSIONS[tls.maxVersion],
    requestCert: tls.clientAuth !== "NoClientCert",
    rejectUnauthorized: tls.clientAuth === "RequireAndVerifyClientCert",
  };
}

function clientOptions(tls: ClientTls): Readonly<Record<string, unknown>> {
  const given = (name: string, inline: string, path: string): string | undefined =>
    material(name, inline, path) || undefined;
  return {
    ...tlsOptionsOf(tls, {
      ca: given("ca", tls.ca, tls.caFile),
      cert: given("cert", tls.cert, tls.certFile),
      key: given("key", tls.key?.reveal() ?? "", tls.keyFile),
    }),
  };
}

/** What node:tls does not check of a client's certificate. */
function problemOf(socket: TLSSocket, { clientAuth: asked, allowedSans }: ServerTls): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    const isNeeded = asked === "RequireAnyClientCert" || asked === "RequireClientCert" || allowedSans.length > 0;
    return isNeeded ? "no certificate was sent" : undefined;
  }
  if (asked === "VerifyClientCertIfGiven" && !socket.authorized) return "certificate signed by unknown authority";
  if (allowedSans.length === 0) return undefined;
  const names = (certificate.subjectAltName ?? "").split(", ").map((entry) => entry.replace(/^[^:]+:/, ""));
  return names.some((name) => allowedSans.includes(name)) ? undefined : "none of its names is allowed";
}
