import { INVALID, type Printable } from "../decode/codec.ts";
import { anyMapping, listOf, mapOf } from "../decode/collections.ts";
import type { OAuth2Config } from "./http-client.ts";
import { filePath, urlText } from "../decode/locations.ts";
import { text } from "../decode/plain-values.ts";
import { checkProxy, proxyFields } from "./proxy-fields.ts";
import { secret } from "../decode/secret.ts";
import { checkSecretRefs } from "./secret-refs.ts";
import { field, optional, type Section, section } from "../decode/section.ts";
import { countSet, tlsSection } from "./tls-section.ts";

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const ALGORITHMS: readonly string[] = ["", "RS256", "RS384", "RS512"];

interface RawOAuth2 extends Omit<OAuth2Config, "claims"> {
  readonly clientSecretRef: string;
  readonly clientCertificateKeyRef: string;
  readonly claims: Printable | undefined;
}

/** Section `oauth2`: settings for requesting an OAuth 2.0 access token. */
export const oauth2Section: Section<OAuth2Config> = section<RawOAuth2, OAuth2Config>(
  "config.plain",
  {
    clientId: field("client_id", text, "", true),
    clientSecret: optional("client_secret", secret),
    clientSecretFile: field("client_secret_file", filePath, ""),
    clientSecretRef: field("client_secret_ref", text, ""),
    clientCertificateKeyId: field("client_certificate_key_id", text, ""),
    clientCertificateKey: optional("client_certificate_key", secret),
    // The path stays as written: unlike other paths, Prometheus does not resolve it, so it is relative to the working
    // directory.
    clientCertificateKeyFile: field("client_certificate_key_file", text, ""),
    clientCertificateKeyRef: field("client_certificate_key_ref", text, ""),
    grantType: field("grant_type", text, ""),
    signatureAlgorithm: field("signature_algorithm", text, ""),
    iss: field("iss", text, ""),
    audience: field("audience", text, ""),
    claims: optional("claims", anyMapping),
    scopes: field("scopes", listOf(text), []),
    tokenUrl: field("token_url", urlText, "", true),
    endpointParams: field("endpoint_params", mapOf(text), new Map<string, string>()),
    tls: field("tls_config", tlsSection, tlsSection.empty()),
    ...proxyFields,
  },
  (value, at, report) => {
    const refuse = (position: typeof at.self, message: string, hint: string): typeof INVALID => {
      report(position, "oauth2", message, hint);
      return INVALID;
    };
    if (value.clientId === "") return refuse(at.self, "oauth2 client_id must be configured", "add client_id");
    if (value.tokenUrl === "") return refuse(at.self, "oauth2 token_url must be configured", "add token_url");
    const jwt = value.grantType === JWT_BEARER;
    const sources = jwt
      ? countSet(value.clientCertificateKey, value.clientCertificateKeyFile, value.clientCertificateKeyRef)
      : countSet(value.clientSecret, value.clientSecretFile, value.clientSecretRef);
    if (sources > 1) {
      const name = jwt ? "client_certificate_key" : "client_secret";
      const grant = jwt ? JWT_BEARER : "client_credentials";
      const message = `at most one of oauth2 ${name}, ${name}_file & ${name}_ref must be configured using grant-type=${grant}`;
      return refuse(jwt ? at.clientCertificateKey : at.clientSecret, message, "keep one of them");
    }
    if (jwt && !ALGORITHMS.includes(value.signatureAlgorithm)) {
      const message = "valid signature algorithms are RS256, RS384 and RS512";
      return refuse(at.signatureAlgorithm, message, "name one of them");
    }
    if (!checkProxy(value, at, report)) return INVALID;
    const { clientSecretRef, clientCertificateKeyRef: keyRef } = value;
    const keyFile = "client_certificate_key_file";
    const refs = [
      { value: clientSecretRef, at: at.clientSecretRef, what: "client secret", file: "client_secret_file" },
      { value: keyRef, at: at.clientCertificateKeyRef, what: "client certificate", file: keyFile },
    ];
    return checkSecretRefs(refs, report) ? value : INVALID;
  },
);
