import {
  field,
  type FieldPositions,
  filePath,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  INVALID,
  listOf,
  millis,
  optional,
  type Secret,
  secret,
  type Section,
  section,
  text,
  urlProblem,
  urlText,
  withoutPassword,
} from "@narthex/config";
import { roleField } from "../../fields/role-field.ts";

/** One entry of `scaleway_sd_configs`. */
export interface ScalewayDiscovery {
  readonly project: string;
  /** URL of the API, without a slash at the end. */
  readonly apiUrl: string;
  readonly zone: string;
  readonly accessKey: string;
  readonly secretKey: Secret | undefined;
  readonly secretKeyFile: string;
  readonly nameFilter: string;
  readonly tagsFilter: readonly string[];
  readonly httpClient: HttpClientConfig;
  readonly refreshIntervalMs: number;
  readonly port: number;
  /** Resources that are found: `instance` or `baremetal`. */
  readonly role: string;
}

const role = roleField(["instance", "baremetal"]);

export const scalewaySection: Section<ScalewayDiscovery> = section<ScalewayDiscovery>(
  "scaleway.plain",
  {
    project: field("project_id", text, "", true),
    apiUrl: field("api_url", urlText, "https://api.scaleway.com"),
    zone: field("zone", text, "fr-par-1", true),
    accessKey: field("access_key", text, "", true),
    secretKey: optional("secret_key", secret),
    secretKeyFile: field("secret_key_file", filePath, "", true),
    nameFilter: field("name_filter", text, ""),
    tagsFilter: field("tags_filter", listOf(text), []),
    httpClient: inline(httpClientSection({ enableHttp2: true })),
    refreshIntervalMs: field("refresh_interval", millis, 60_000, true),
    port: field("port", integer, 80, true),
    role: field("role", role.codec, "", true),
  },
  (value, at, report) => {
    if (!role.check(value.role, at.role, report)) return INVALID;
    const problem = missing(value) ?? malformed(value);
    if (problem === undefined) return value;
    report(at[problem.field], "scaleway", problem.message, problem.hint);
    return INVALID;
  },
);

interface FieldProblem {
  readonly field: keyof FieldPositions<ScalewayDiscovery>;
  readonly message: string;
  readonly hint: string;
}

function missing({ project, accessKey, secretKey, secretKeyFile }: ScalewayDiscovery): FieldProblem | undefined {
  const secretText = secretKey?.reveal() ?? "";
  if (project === "")
    return { field: "project", message: "project_id is mandatory", hint: "write the ID of the project" };
  if (secretText === "" && secretKeyFile === "") {
    const message = "one of secret_key & secret_key_file must be configured";
    return { field: "self", message, hint: "write the secret key of an API key, or the path of a file with it" };
  }
  if (secretText !== "" && secretKeyFile !== "") {
    const message = "at most one of secret_key & secret_key_file must be configured";
    return { field: "secretKeyFile", message, hint: "keep one of them" };
  }
  if (accessKey !== "") return undefined;
  return { field: "accessKey", message: "access_key is mandatory", hint: "write the access key of an API key" };
}

const UUID = /^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$/;
const A_UUID = "expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
const ACCESS_KEY = /^SCW[A-Z0-9]{17}$/;
const ZONE = /^[a-z]{2}-[a-z]{3}-[1-9]$/;
const ZONES = "fr-par-1, fr-par-2, fr-par-3, nl-ams-1, nl-ams-2, nl-ams-3, pl-waw-1, pl-waw-2, pl-waw-3";

/** Checks the forms of the values, with the messages of Scaleway's library. The secret key is not shown. */
function malformed({ project, apiUrl, zone, accessKey, secretKey }: ScalewayDiscovery): FieldProblem | undefined {
  const refused = (place: FieldProblem["field"], message: string, hint: string): FieldProblem => ({
    field: place,
    message: `scaleway-sdk-go: ${message}`,
    hint,
  });
  const copy = "copy it from the console of Scaleway";
  if (!ACCESS_KEY.test(accessKey))
    return refused("accessKey", `invalid access key format '${accessKey}', expected SCWXXXXXXXXXXXXXXXXX format`, copy);
  const key = secretKey?.reveal() ?? "";
  if (key !== "" && !UUID.test(key))
    return refused("secretKey", `invalid secret key format '<secret>', ${A_UUID}`, copy);
  if (!UUID.test(project)) return refused("project", `invalid project ID format '${project}', ${A_UUID}`, copy);
  if (zone === "") return refused("zone", "default zone cannot be empty", `write one of ${ZONES}`);
  if (!ZONE.test(zone)) {
    const message = `invalid default zone format '${zone}', available zones are: ${ZONES}`;
    return refused("zone", message, "write a zone such as fr-par-1");
  }
  const shownUrl = withoutPassword(apiUrl);
  if (apiUrl === "" || urlProblem(apiUrl) !== undefined)
    return refused("apiUrl", `invalid url ${shownUrl}`, "write a URL such as https://api.scaleway.com");
  if (!apiUrl.endsWith("/")) return undefined;
  return refused("apiUrl", `invalid url ${shownUrl} it should not have a trailing slash`, "remove the last slash");
}
