import {
  field,
  type HttpClientConfig,
  httpClientSection,
  inline,
  integer,
  INVALID,
  listOf,
  millis,
  optional,
  type Report,
  type Secret,
  secret,
  type Section,
  section,
  text,
  urlText,
} from "@narthex/config";

/** A filter of the EC2 API. It selects instances whose property `name` has one of the values. */
export interface Ec2Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** One entry of `ec2_sd_configs`. */
export interface Ec2Discovery {
  /** URL of the EC2 API, or "" for the region's standard endpoint. */
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
  readonly filters: readonly Ec2Filter[];
  readonly httpClient: HttpClientConfig;
}

/** Values of the field `role` in `aws_sd_configs`. */
export type AwsRole = "ec2" | "ecs" | "elasticache" | "lightsail" | "msk" | "rds";

/** One entry of `aws_sd_configs`. */
export interface AwsDiscovery extends Ec2Discovery {
  readonly role: AwsRole;
  /** Names of ECS, ElastiCache or MSK clusters. Unused, because this build does not support their roles. */
  readonly clusters: readonly string[];
}

const PORT = 80;
const REFRESH_MS = 60_000;

const filter: Section<Ec2Filter> = section<Ec2Filter>("aws.Filter", {
  name: field("name", text, "", true),
  values: field("values", listOf(text), [], true),
});

const httpClient = inline(httpClientSection({ enableHttp2: true }));

export const ec2Section = section<Ec2Discovery>(
  "aws.plain",
  {
    endpoint: field("endpoint", urlText, "", true),
    region: field("region", text, "", true),
    accessKey: field("access_key", text, ""),
    secretKey: optional("secret_key", secret),
    profile: field("profile", text, ""),
    roleArn: field("role_arn", text, ""),
    externalId: field("external_id", text, ""),
    refreshIntervalMs: field("refresh_interval", millis, REFRESH_MS),
    port: field("port", integer, PORT, true),
    filters: field("filters", listOf(filter, { goType: "[]*aws.Filter" }), [], true),
    httpClient,
  },
  (value, at, report) => {
    if (value.filters.every(({ values }) => values.length > 0)) return value;
    const message = "EC2 SD configuration filter values cannot be empty";
    report(at.filters, "ec2-sd-filter", message, "give each filter `values`, or remove it");
    return INVALID;
  },
);

const ROLES: readonly string[] = ["ec2", "ecs", "elasticache", "lightsail", "msk", "rds"] satisfies AwsRole[];

interface RawAwsDiscovery extends Ec2Discovery {
  readonly role: string;
  readonly clusters: readonly string[];
}

export const awsSection = section<RawAwsDiscovery, AwsDiscovery>(
  "aws.plain",
  {
    role: field("role", text, "", true),
    region: field("region", text, ""),
    endpoint: field("endpoint", urlText, ""),
    accessKey: field("access_key", text, ""),
    secretKey: optional("secret_key", secret),
    profile: field("profile", text, ""),
    roleArn: field("role_arn", text, ""),
    externalId: field("external_id", text, ""),
    refreshIntervalMs: field("refresh_interval", millis, 0),
    port: field("port", integer, 0),
    httpClient,
    filters: field("filters", listOf(filter, { goType: "[]*aws.Filter" }), []),
    clusters: field("clusters", listOf(text), []),
  },
  ({ role, ...value }, at, report: Report) => {
    if (isRole(role)) return { ...value, role };
    report(at.role, "aws-sd-role", `unknown AWS SD role "${role}"`, `write one of ${ROLES.join(", ")}`);
    return INVALID;
  },
);

const isRole = (role: string): role is AwsRole => ROLES.includes(role);

/** Converts an `aws_sd_configs` entry with role ec2 to an entry of `ec2_sd_configs`. */
export const asEc2 = (config: AwsDiscovery): Ec2Discovery => ({
  ...config,
  port: config.port === 0 ? PORT : config.port,
  refreshIntervalMs: awsIntervalMs(config),
});

/** Returns the refresh interval of an `aws_sd_configs` entry in ms. A configured 0 means the default. */
export const awsIntervalMs = ({ refreshIntervalMs }: AwsDiscovery): number =>
  refreshIntervalMs === 0 ? REFRESH_MS : refreshIntervalMs;
