import type { JsonValue } from "@narthex/config";
import type { ReferenceReader } from "./references.ts";
import { SpecError, within } from "./spec-error.ts";
import type { SpecFields } from "./spec-fields.ts";

type Settings = Record<string, JsonValue>;

export interface ClientContext {
  /** Values of the Secrets and ConfigMaps in the object's namespace. */
  readonly references: ReferenceReader;
  /** Whether settings that name files of this machine are refused. */
  readonly denyFileAccess: boolean;
}

/**
 * Returns the HTTP client settings in an object's spec, with the values of the Secrets that the object refers to.
 */
export function clientSettings(fields: SpecFields, { references, denyFileAccess }: ClientContext): Settings {
  const settings = {
    ...fields.renamed({ followRedirects: "follow_redirects", enableHttp2: "enable_http2" }),
    ...proxySettings(fields, references),
    ...fields.renamed({ bearerTokenFile: "bearer_token_file" }),
  };
  const token = fields.object("bearerTokenSecret");
  if (token !== undefined && token.text("name") !== "")
    settings["bearer_token"] = within("bearerTokenSecret", () => references.secret(token));
  const parts = [
    ["basicAuth", "basic_auth", basicAuth],
    ["oauth2", "oauth2", oauth2],
    ["tlsConfig", "tls_config", tlsSettings],
    ["authorization", "authorization", authorization],
  ] as const;
  for (const [key, name, read] of parts) {
    const part = fields.object(key);
    if (part !== undefined && part.keys.some((field) => !part.isEmpty(field)))
      settings[name] = within(key, () => read(part, references));
  }
  if (denyFileAccess) refuseFiles(settings);
  return settings;
}

/** Returns the value of the Secret that the field `key` refers to. Throws SpecError if the field is absent. */
function secretOf(fields: SpecFields, key: string, references: ReferenceReader): string {
  const reference = fields.object(key);
  return within(key, () => {
    if (reference === undefined) throw new SpecError("the reference to a Secret is missing");
    return references.secret(reference);
  });
}

/**
 * Returns the value of the Secret or ConfigMap that the field `key` refers to, or undefined if it refers to neither.
 */
function valueOf(fields: SpecFields, key: string, references: ReferenceReader): string | undefined {
  const source = fields.object(key);
  const [secret, configMap] = [source?.object("secret"), source?.object("configMap")];
  return within(key, () => {
    if (secret !== undefined && configMap !== undefined)
      throw new SpecError("both a secret and a configMap are named; keep one of them");
    if (secret !== undefined) return references.secret(secret);
    return configMap === undefined ? undefined : references.configMap(configMap);
  });
}

const basicAuth = (fields: SpecFields, references: ReferenceReader): Settings => ({
  username: secretOf(fields, "username", references),
  password: secretOf(fields, "password", references),
});

function authorization(fields: SpecFields, references: ReferenceReader): Settings {
  const type = fields.text("type").trim() || "Bearer";
  const credentials = fields.object("credentials");
  if (credentials === undefined || credentials.text("name") === "") return { type };
  return { type, credentials: secretOf(fields, "credentials", references) };
}

export function tlsSettings(fields: SpecFields, references: ReferenceReader): Settings {
  const [ca, cert] = [valueOf(fields, "ca", references), valueOf(fields, "cert", references)];
  const key = fields.object("keySecret") && secretOf(fields, "keySecret", references);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...fields.renamed({
      caFile: "ca_file",
      certFile: "cert_file",
      keyFile: "key_file",
      serverName: "server_name",
      insecureSkipVerify: "insecure_skip_verify",
      minVersion: "min_version",
      maxVersion: "max_version",
    }),
  };
}

function oauth2(fields: SpecFields, references: ReferenceReader): Settings {
  const clientId = valueOf(fields, "clientId", references);
  if (clientId === undefined) throw new SpecError("clientId names neither a secret nor a configMap");
  const tlsFields = fields.object("tlsConfig");
  return {
    client_id: clientId,
    client_secret: secretOf(fields, "clientSecret", references),
    ...fields.renamed({ tokenUrl: "token_url", scopes: "scopes", endpointParams: "endpoint_params" }),
    ...proxySettings(fields, references),
    ...(tlsFields !== undefined && { tls_config: within("tlsConfig", () => tlsSettings(tlsFields, references)) }),
  };
}

export function proxySettings(fields: SpecFields, references: ReferenceReader): Settings {
  const settings: Settings = fields.renamed({
    proxyUrl: "proxy_url",
    noProxy: "no_proxy",
    proxyFromEnvironment: "proxy_from_environment",
  });
  const headers = fields.object("proxyConnectHeader");
  if (headers === undefined) return settings;
  const values = headers.keys.map((name) => {
    const secrets = headers
      .objects(name)
      .map((reference, i) => within(`proxyConnectHeader[${name}][${i}]`, () => references.secret(reference)));
    return [name, secrets] as const;
  });
  return { ...settings, proxy_connect_header: Object.fromEntries(values) };
}

/** Fields that name files on this machine. */
const FILE_FIELDS = ["bearer_token_file", "ca_file", "cert_file", "key_file"];

function refuseFiles(settings: Settings): void {
  const oauth2Settings = settings["oauth2"] as Settings | undefined;
  const parts = [settings, settings["tls_config"], oauth2Settings?.["tls_config"]] as readonly (Settings | undefined)[];
  const found = FILE_FIELDS.find((name) => parts.some((part) => part?.[name] !== undefined));
  if (found === undefined) return;
  throw new SpecError(`${found} names a file of the server, which deny_file_access of the configuration forbids`);
}
