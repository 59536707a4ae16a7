import { X509Certificate } from "node:crypto";
import { createSecureContext, getCACertificates, type TlsOptions } from "node:tls";
import { formatProblem, type Position, type Problem } from "@narthex/config";
import type { ReadText } from "@narthex/runtime";
import { type ClientTerms, requiresCertificate, verifiesCertificate } from "./client-auth.ts";
import { asksForTls, type ServerTls } from "./server-section.ts";
import { OLD_SUITES, opensslCurves, opensslSuites, TLS_VERSIONS } from "./openssl-names.ts";

/** TLS settings of a server, after all files of a `tls_server_config` were read and checked. */
export interface ServerTerms extends ClientTerms {
  /** Options for `tls.createServer`. */
  readonly options: TlsOptions;
}

/** A `tls_server_config` cannot be used. The message contains file, position and hint of each problem. */
export class ServerTlsError extends Error {
  override readonly name = "ServerTlsError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads the files of a `tls_server_config` and checks them. Returns undefined if it does not enable TLS. Throws
 * ServerTlsError.
 * @param file path of the configuration file, for messages
 */
export function serverTerms(tls: ServerTls, file: string, read: ReadText): ServerTerms | undefined {
  if (!asksForTls(tls)) return undefined;
  const problems: Problem[] = [];
  const report = ({ line, column }: Position, code: string, message: string, hint: string): void =>
    void problems.push({ file, line, column, code, message, hint });
  const material = (name: "cert" | "key" | "client_ca", inline: string, path: string, at: Position): string => {
    if (path === "") return inline;
    try {
      return read(path);
    } catch (error) {
      const message = `failed to read ${name}_file (${path}): open ${path}: ${reasonOf(error)}`;
      report(at, "unreadable-file", message, "name a file that this process may read");
      return "";
    }
  };
  const { at } = tls;
  const cert = material("cert", tls.cert, tls.certFile, at.certFile);
  const key = material("key", tls.key?.reveal() ?? "", tls.keyFile, at.keyFile);
  const clientCa = material("client_ca", tls.clientCa, tls.clientCaFile, at.clientCaFile);
  if (tls.cert + tls.certFile === "") {
    report(at.self, "missing-cert", "missing one of cert or cert_file", "name the server's certificate");
  }
  if ((tls.key?.reveal() ?? "") + tls.keyFile === "") {
    report(at.self, "missing-key", "missing one of key or key_file", "name the certificate's key");
  }
  const clientAuth = tls.clientAuth || "NoClientCert";
  const caAt = tls.clientCaFile === "" ? at.clientCa : at.clientCaFile;
  if (tls.clientCa + tls.clientCaFile !== "" && clientAuth === "NoClientCert") {
    const message = "client CA's have been configured without a Client Auth Policy";
    report(caAt, "client-ca-unused", message, "set client_auth_type, to RequireAndVerifyClientCert for example");
  }
  if (TLS_VERSIONS[tls.minVersion] > TLS_VERSIONS[tls.maxVersion]) {
    report(at.minVersion, "no-version", "min_version is above max_version", "nobody could connect: lower it");
  }
  if (problems.length > 0) throw new ServerTlsError(problems);
  const options = optionsOf(tls, { cert, key, clientCa, clientAuth });
  const fault = faultOf(options, clientCa);
  if (fault !== undefined) report(fault.isOfCa ? caAt : at.certFile, "bad-material", fault.message, fault.hint);
  if (problems.length > 0) throw new ServerTlsError(problems);
  const { clientAllowedSans } = tls;
  return { options, clientAuth, allowedSans: clientAllowedSans && new Set(clientAllowedSans) };
}

interface Material {
  readonly cert: string;
  readonly key: string;
  /** Certificates, as PEM text, of the authorities that may sign client certificates; "" means not set. */
  readonly clientCa: string;
  readonly clientAuth: ClientTerms["clientAuth"];
}

function optionsOf(tls: ServerTls, { cert, key, clientCa, clientAuth }: Material): TlsOptions {
  const verifies = verifiesCertificate(clientAuth);
  const authorities = clientCa === "" ? (verifies ? getCACertificates("system") : []) : clientCa;
  const isOld = tls.minVersion === "TLS10" || tls.minVersion === "TLS11";
  return {
    cert,
    key,
    // Without authorities, passes an empty list, because Node would otherwise load its own authorities in each
    // handshake.
    ca: authorities,
    allowPartialTrustChain: true,
    minVersion: TLS_VERSIONS[tls.minVersion],
    maxVersion: TLS_VERSIONS[tls.maxVersion],
    ...(tls.cipherSuites.length > 0
      ? { ciphers: `${opensslSuites(tls.cipherSuites)}${isOld ? ":@SECLEVEL=0" : ""}` }
      : isOld
        ? { ciphers: OLD_SUITES }
        : {}),
    ...(tls.curves.length === 0 ? {} : { ecdhCurve: opensslCurves(tls.curves) }),
    honorCipherOrder: tls.preferServerCiphers,
    requestCert: clientAuth !== "NoClientCert",
    // Ends the handshake of a client without a certificate if a verified certificate is required; refusal() handles the
    // other cases.
    rejectUnauthorized: verifies && requiresCertificate(clientAuth),
  };
}

interface Fault {
  readonly isOfCa: boolean;
  readonly message: string;
  readonly hint: string;
}

function faultOf(options: TlsOptions, clientCa: string): Fault | undefined {
  try {
    if (clientCa !== "") void new X509Certificate(clientCa).subject;
  } catch (error) {
    const message = `client_ca_file holds no certificate: ${wordsOf(error)}`;
    return { isOfCa: true, message, hint: "give the authority's certificate as PEM" };
  }
  try {
    createSecureContext(options);
    return undefined;
  } catch (error) {
    const message = `failed to load X509KeyPair: ${wordsOf(error)}`;
    return { isOfCa: false, message, hint: "give a certificate and the key that belongs to it, both as PEM" };
  }
}

/** Returns an error message of OpenSSL without its numbers. */
const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^error:[0-9A-F]+:[^:]*:[^:]*:/, "");

/** Returns Go's text for an error of the operating system. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "is a directory";
  return error instanceof Error ? error.message : String(error);
}
