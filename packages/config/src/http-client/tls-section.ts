import { INVALID } from "../decode/codec.ts";
import type { TlsConfig, TlsVersion } from "./http-client.ts";
import { filePath } from "../decode/locations.ts";
import { flag, oneOf, text } from "../decode/plain-values.ts";
import { type Secret, secret } from "../decode/secret.ts";
import { checkSecretRefs } from "./secret-refs.ts";
import { field, optional, type Section, section } from "../decode/section.ts";

const version = oneOf<TlsVersion>(["TLS10", "TLS11", "TLS12", "TLS13"], (found) => `unknown TLS version: ${found}`);

interface RawTls extends TlsConfig {
  readonly caRef: string;
  readonly certRef: string;
  readonly keyRef: string;
}

/** Reports whether a text or secret is present and not empty. */
export const isSet = (value: string | Secret | undefined): boolean =>
  value !== undefined && (typeof value === "string" ? value !== "" : value.reveal() !== "");

export const countSet = (...values: readonly (string | Secret | undefined)[]): number => values.filter(isSet).length;

/** Section `tls_config`: TLS settings of an HTTP client. */
export const tlsSection: Section<TlsConfig> = section<RawTls, TlsConfig>(
  "config.plain",
  {
    ca: field("ca", text, ""),
    cert: field("cert", text, ""),
    key: optional("key", secret),
    caFile: field("ca_file", filePath, ""),
    certFile: field("cert_file", filePath, ""),
    keyFile: field("key_file", filePath, ""),
    caRef: field("ca_ref", text, ""),
    certRef: field("cert_ref", text, ""),
    keyRef: field("key_ref", text, ""),
    serverName: field("server_name", text, ""),
    insecureSkipVerify: field("insecure_skip_verify", flag, false, true),
    minVersion: optional("min_version", version),
    maxVersion: optional("max_version", version),
  },
  (value, at, report) => {
    let sound = true;
    const refuse = (position: typeof at.self, message: string, hint: string): void => {
      report(position, "tls-conflict", message, hint);
      sound = false;
    };
    const sources = [
      ["ca", value.ca, value.caFile, value.caRef],
      ["cert", value.cert, value.certFile, value.certRef],
      ["key", value.key, value.keyFile, value.keyRef],
    ] as const;
    for (const [name, ...given] of sources) {
      if (countSet(...given) > 1) {
        const message =
          name === "key"
            ? "at most one of key and key_file must be configured"
            : `at most one of ${name}, ${name}_file & ${name}_ref must be configured`;
        refuse(at[name], message, "keep one of them");
      }
    }
    const cert = countSet(value.cert, value.certFile, value.certRef) > 0;
    const key = countSet(value.key, value.keyFile, value.keyRef) > 0;
    if (cert && !key) {
      const message = "exactly one of key or key_file must be configured when a client certificate is configured";
      refuse(at.cert, message, "add key_file");
    }
    if (key && !cert) {
      const message = "exactly one of cert or cert_file must be configured when a client key is configured";
      refuse(at.key, message, "add cert_file");
    }
    const refs = [
      { value: value.caRef, at: at.caRef, what: "CA cert", file: "ca_file" },
      { value: value.certRef, at: at.certRef, what: "client cert", file: "cert_file" },
      { value: value.keyRef, at: at.keyRef, what: "client key", file: "key_file" },
    ];
    return sound && checkSecretRefs(refs, report) ? value : INVALID;
  },
);
