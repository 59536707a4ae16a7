import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  listOf,
  millis,
  optional,
  type Secret,
  secret,
  section,
  text,
  urlText,
} from "@narthex/config";

/** The fields that the sections of all kinds of AWS have. */
export interface AwsAccount {
  /** URL of the service's API, or "" for the region's standard endpoint. */
  readonly endpoint: string;
  /** Name of the AWS region, or "" for the region from the AWS files, the environment or the machine's metadata. */
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: Secret | undefined;
  readonly profile: string;
  readonly roleArn: string;
  readonly externalId: string;
  readonly refreshIntervalMs: number;
  readonly port: number;
  readonly httpClient: HttpClientConfig;
}

/** A filter in the requests to AWS. It selects what has one of the values in the property `name`. */
export interface AwsFilter {
  readonly name: string;
  readonly values: readonly string[];
}

export const DEFAULT_PORT = 80;
export const DEFAULT_REFRESH_MS = 60_000;

/** Rows of a section for the credentials. */
export const credentialFields = {
  accessKey: field("access_key", text, ""),
  secretKey: optional("secret_key", secret),
  profile: field("profile", text, ""),
  roleArn: field("role_arn", text, ""),
  externalId: field("external_id", text, ""),
};

/** Rows of the section of one kind. Upstream prints them in another order for each kind. */
export const accountFields = {
  endpoint: field("endpoint", urlText, "", true),
  region: field("region", text, "", true),
  refreshIntervalMs: field("refresh_interval", millis, DEFAULT_REFRESH_MS),
  port: field("port", integer, DEFAULT_PORT, true),
  httpClient: inline(httpClientSection({ enableHttp2: true })),
};

const filter = section<AwsFilter>("aws.Filter", {
  name: field("name", text, "", true),
  values: field("values", listOf(text), [], true),
});

export const filterList = listOf(filter, { goType: "[]*aws.Filter" });
