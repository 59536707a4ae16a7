import {
  field,
  httpClientSection,
  inline,
  integer,
  INVALID,
  millis,
  type Report,
  section,
  text,
  urlText,
} from "@narthex/config";
import type { AwsEnvironment } from "@narthex/http";
import type { Discoverer, DiscoveryContext } from "../../discoverer.ts";
import { definePolled, type Refresh } from "../../polled-discoverer.ts";
import {
  type AwsAccount,
  type AwsFilter,
  credentialFields,
  DEFAULT_PORT,
  DEFAULT_REFRESH_MS,
  filterList,
} from "./aws-account.ts";
import { type AwsKind, awsRefreshLabels } from "./aws-kind.ts";
import { clustersField, DEFAULT_CONCURRENCY, ECS_CONCURRENCY } from "./clustered-account.ts";
import { ec2Kind } from "./ec2/ec2.ts";
import { ecsKind } from "./ecs/ecs.ts";
import { elasticacheKind } from "./elasticache/elasticache.ts";
import { lightsailKind } from "./lightsail/lightsail.ts";
import { mskKind } from "./msk/msk.ts";
import { rdsKind } from "./rds/rds.ts";

/** One entry of `aws_sd_configs`. Its port and its refresh interval are 0 for the default. */
export interface AwsDiscovery extends AwsAccount {
  readonly role: string;
  readonly filters: readonly AwsFilter[];
  readonly clusters: readonly string[];
}

/** The settings of all roles together. Each role uses a part of them. */
type RoleSettings = Omit<AwsDiscovery, "role"> & { readonly requestConcurrency: number };

interface Role extends Pick<AwsKind<AwsAccount>, "name" | "hasSetLabel"> {
  readonly requestConcurrency: number;
  open(config: RoleSettings, context: DiscoveryContext, env: AwsEnvironment): Promise<Refresh>;
}

/** The roles by the value of the field `role`. */
const ROLES: ReadonlyMap<string, Role> = new Map(
  [
    { ...ec2Kind, requestConcurrency: DEFAULT_CONCURRENCY },
    { ...ecsKind, requestConcurrency: ECS_CONCURRENCY },
    { ...elasticacheKind, requestConcurrency: DEFAULT_CONCURRENCY },
    { ...lightsailKind, requestConcurrency: DEFAULT_CONCURRENCY },
    { ...mskKind, requestConcurrency: DEFAULT_CONCURRENCY },
    { ...rdsKind, requestConcurrency: DEFAULT_CONCURRENCY },
  ].map((role: Role) => [role.name, role]),
);

const awsSection = section<AwsDiscovery>(
  "aws.plain",
  {
    role: field("role", text, "", true),
    region: field("region", text, ""),
    endpoint: field("endpoint", urlText, ""),
    ...credentialFields,
    refreshIntervalMs: field("refresh_interval", millis, 0),
    port: field("port", integer, 0),
    // In Prometheus, the section of all roles has neither the defaults nor the checks of an HTTP client.
    httpClient: inline(httpClientSection({ enableHttp2: false, followRedirects: false, isChecked: false })),
    filters: field("filters", filterList, []),
    clusters: clustersField,
  },
  (value, at, report: Report) => {
    if (ROLES.has(value.role)) return value;
    const names = [...ROLES.keys()].join(", ");
    report(at.role, "aws-sd-role", `unknown AWS SD role "${value.role}"`, `write one of ${names}`);
    return INVALID;
  },
);

const settingsOf = ({ role, ...config }: AwsDiscovery): RoleSettings => ({
  ...config,
  port: config.port === 0 ? DEFAULT_PORT : config.port,
  refreshIntervalMs: intervalMs(config),
  requestConcurrency: ROLES.get(role)!.requestConcurrency,
});

const intervalMs = ({ refreshIntervalMs }: Pick<AwsDiscovery, "refreshIntervalMs">): number =>
  refreshIntervalMs === 0 ? DEFAULT_REFRESH_MS : refreshIntervalMs;

/** Returns the discoverer for `aws_sd_configs`. */
export const defineAwsRoles = (env: AwsEnvironment = process.env): Discoverer =>
  definePolled<AwsDiscovery>({
    key: "aws_sd_configs",
    name: "aws",
    dialer: (config) => `${(config as AwsDiscovery).role}_sd`,
    codec: awsSection,
    intervalMs,
    refreshLabels: ({ role }, set) => awsRefreshLabels(ROLES.get(role)!, set),
    open: (config, context) => ROLES.get(config.role)!.open(settingsOf(config), context, env),
  });
