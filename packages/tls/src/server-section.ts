import {
  field,
  filePath,
  flag,
  listOf,
  oneOf,
  optional,
  type FieldPositions,
  type Position,
  type Secret,
  secret,
  type Section,
  section,
  text,
  type TlsVersion,
} from "@narthex/config";
import { CLIENT_AUTH, type ClientAuth } from "./client-auth.ts";
import { CIPHER_SUITES, CURVES } from "./openssl-names.ts";

interface RawServerTls {
  readonly cert: string;
  readonly certFile: string;
  readonly key: Secret | undefined;
  readonly keyFile: string;
  readonly clientCa: string;
  readonly clientCaFile: string;
  /** Requirement for client certificates. "" if the file does not set it, which has the effect of NoClientCert. */
  readonly clientAuth: ClientAuth | "";
  readonly clientAllowedSans: readonly string[] | undefined;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** Cipher suites by Go's names. An empty list means the secure defaults. */
  readonly cipherSuites: readonly string[];
  readonly curves: readonly string[];
  readonly preferServerCiphers: boolean;
}

/**
 * Section `tls_server_config`. Certificates and keys are PEM text or paths of files; "" means not set. A file takes
 * precedence over the text.
 */
export interface ServerTls extends RawServerTls {
  /** Positions of the values in the file, for errors that are found only when certificates are read. */
  readonly at: Readonly<Record<keyof RawServerTls | "self", Position>>;
}

const version = oneOf<TlsVersion>(["TLS10", "TLS11", "TLS12", "TLS13"], (found) => `unknown TLS version: ${found}`);

/** Codec of the section `tls_server_config`, the TLS settings of a server. */
export const serverTlsSection: Section<ServerTls> = section<RawServerTls, ServerTls>(
  "web.TLSConfig",
  {
    cert: field("cert", text, ""),
    key: optional("key", secret),
    clientCa: field("client_ca", text, ""),
    certFile: field("cert_file", filePath, ""),
    keyFile: field("key_file", filePath, ""),
    clientAuth: field<ClientAuth | "">(
      "client_auth_type",
      oneOf<ClientAuth | "">(["", ...CLIENT_AUTH], (found) => `invalid ClientAuth: ${found}`),
      "",
    ),
    clientCaFile: field("client_ca_file", filePath, ""),
    cipherSuites: field("cipher_suites", listOf(oneOf(CIPHER_SUITES, (found) => `unknown cipher: ${found}`)), []),
    curves: field("curve_preferences", listOf(oneOf(CURVES, (found) => `unknown curve: ${found}`)), []),
    minVersion: field("min_version", version, "TLS12"),
    maxVersion: field("max_version", version, "TLS13"),
    preferServerCiphers: field("prefer_server_cipher_suites", flag, true, true),
    clientAllowedSans: optional("client_allowed_sans", listOf(text)),
  },
  (value, at: FieldPositions<RawServerTls>) => ({ ...value, at }),
);

/** Reports whether the section enables TLS. TLS versions, cipher suites and curves alone do not enable it. */
export const asksForTls = (tls: ServerTls): boolean =>
  [tls.cert, tls.certFile, tls.key?.reveal() ?? "", tls.keyFile, tls.clientCa, tls.clientCaFile, tls.clientAuth].some(
    (value) => value !== "",
  );
