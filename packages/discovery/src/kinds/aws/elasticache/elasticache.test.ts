import { expect, test } from "vitest";
import { simulatedAws, startAws } from "../../../testing/aws-run.ts";
import { failureOf, labelsOf } from "../../../testing/one-answer.ts";
import { element, elements } from "../../../testing/served-aws.ts";
import { elasticacheKind } from "./elasticache.ts";

const answer = (operation: string, ...content: readonly string[]): string =>
  element(`${operation}Response`, element(`${operation}Result`, ...content));
const serverless = (...caches: readonly string[]): string =>
  answer("DescribeServerlessCaches", element("ServerlessCaches", ...caches));
const clusters = (...caches: readonly string[]): string =>
  answer("DescribeCacheClusters", element("CacheClusters", ...caches));
const tags = answer("ListTagsForResource", element("TagList", element("Tag", elements({ Key: "a:b", Value: "c" }))));

const cache = element(
  "member",
  elements({
    ARN: "arn:s",
    ServerlessCacheName: "sessions",
    CreateTime: "2026-01-02T03:04:05.678Z",
    Description: "all sessions",
    Engine: "valkey",
    FullEngineVersion: "8.0",
    MajorEngineVersion: "8",
    Status: "available",
    KmsKeyId: "k",
    UserGroupId: "u",
    DailySnapshotTime: "03:00",
    SnapshotRetentionLimit: 7,
    Endpoint: { Address: "s.example", Port: 6379 },
    ReaderEndpoint: { Address: "r.example", Port: 6380 },
    CacheUsageLimits: {
      DataStorage: { Maximum: 10, Minimum: 1, Unit: "GB" },
      ECPUPerSecond: { Maximum: 5000, Minimum: 1000 },
    },
  }),
  element("SecurityGroupIds", element("SecurityGroupId", "sg-1"), element("SecurityGroupId", "sg-2")),
  element("SubnetIds", element("SubnetId", "subnet-1")),
);

test("ElastiCache discovery returns all labels of a serverless cache", async () => {
  const aws = await simulatedAws();
  aws.actions.set("DescribeServerlessCaches", () => serverless(cache));
  aws.actions.set("DescribeCacheClusters", () => clusters());
  aws.actions.set("ListTagsForResource", () => tags);
  expect(await labelsOf(startAws(aws, elasticacheKind, "port: 9121"))).toEqual([
    {
      __address__: "s.example:6379",
      __meta_elasticache_deployment_option: "serverless",
      __meta_elasticache_serverless_cache_arn: "arn:s",
      __meta_elasticache_serverless_cache_cache_usage_limit_data_storagemaximum: "10",
      __meta_elasticache_serverless_cache_cache_usage_limit_data_storageminimum: "1",
      __meta_elasticache_serverless_cache_cache_usage_limit_data_storageunit: "GB",
      __meta_elasticache_serverless_cache_cache_usage_limit_ecpu_per_secondmaximum: "5000",
      __meta_elasticache_serverless_cache_cache_usage_limit_ecpu_per_secondminimum: "1000",
      __meta_elasticache_serverless_cache_create_time: "2026-01-02T03:04:05Z",
      __meta_elasticache_serverless_cache_daily_snapshot_time: "03:00",
      __meta_elasticache_serverless_cache_description: "all sessions",
      __meta_elasticache_serverless_cache_endpoint_address: "s.example",
      __meta_elasticache_serverless_cache_endpoint_port: "6379",
      __meta_elasticache_serverless_cache_endpoint_reader_address: "r.example",
      __meta_elasticache_serverless_cache_endpoint_reader_port: "6380",
      __meta_elasticache_serverless_cache_engine: "valkey",
      __meta_elasticache_serverless_cache_full_engine_version: "8.0",
      __meta_elasticache_serverless_cache_kms_key_id: "k",
      __meta_elasticache_serverless_cache_major_engine_version: "8",
      __meta_elasticache_serverless_cache_name: "sessions",
      __meta_elasticache_serverless_cache_security_group_id_0: "sg-1",
      __meta_elasticache_serverless_cache_security_group_id_1: "sg-2",
      __meta_elasticache_serverless_cache_snapshot_retention_limit: "7",
      __meta_elasticache_serverless_cache_status: "available",
      __meta_elasticache_serverless_cache_subnet_id_0: "subnet-1",
      __meta_elasticache_serverless_cache_tag_a_b: "c",
      __meta_elasticache_serverless_cache_user_group_id: "u",
    },
  ]);
  expect(aws.calls.map(({ action, params }) => [action, params.get("ResourceName")])).toEqual([
    ["DescribeCacheClusters", null],
    ["DescribeServerlessCaches", null],
    ["DescribeCacheClusters", null],
    ["ListTagsForResource", "arn:s"],
  ]);
});

const node = (id: string, more = ""): string =>
  element("CacheNode", elements({ CacheNodeId: id, CacheNodeStatus: "available" }), more);

const cluster = element(
  "CacheCluster",
  elements({
    ARN: "arn:c",
    CacheClusterId: "queue",
    CacheClusterStatus: "available",
    CacheClusterCreateTime: "2026-01-01T00:00:00Z",
    AtRestEncryptionEnabled: true,
    AuthTokenEnabled: false,
    AuthTokenLastModifiedDate: "2026-02-01T00:00:00Z",
    AutoMinorVersionUpgrade: true,
    CacheNodeType: "cache.t4g.small",
    CacheParameterGroup: { CacheParameterGroupName: "default.redis7", ParameterApplyStatus: "in-sync" },
    CacheSubnetGroupName: "subnets",
    ClientDownloadLandingPage: "https://console.example",
    ConfigurationEndpoint: { Address: "cfg.example", Port: 11211 },
    Engine: "redis",
    EngineVersion: "7.1.0",
    IpDiscovery: "ipv4",
    NetworkType: "dual_stack",
    NotificationConfiguration: { TopicArn: "arn:topic", TopicStatus: "active" },
    NumCacheNodes: 2,
    PreferredAvailabilityZone: "Multiple",
    PreferredMaintenanceWindow: "sun:23:00-mon:01:30",
    PreferredOutpostArn: "arn:outpost",
    ReplicationGroupId: "rg",
    ReplicationGroupLogDeliveryEnabled: false,
    SnapshotRetentionLimit: 0,
    SnapshotWindow: "03:00-04:00",
    TransitEncryptionEnabled: true,
    TransitEncryptionMode: "required",
  }),
  element(
    "PendingModifiedValues",
    elements({
      AuthTokenStatus: "ROTATING",
      CacheNodeType: "cache.m7g.large",
      EngineVersion: "7.2",
      NumCacheNodes: 3,
      TransitEncryptionEnabled: false,
      TransitEncryptionMode: "preferred",
    }),
    element("CacheNodeIdsToRemove", element("CacheNodeId", "0001"), element("CacheNodeId", "0002")),
  ),
  element(
    "LogDeliveryConfigurations",
    element(
      "LogDeliveryConfiguration",
      elements({
        DestinationType: "cloudwatch-logs",
        LogFormat: "json",
        LogType: "slow-log",
        Status: "active",
        DestinationDetails: { CloudWatchLogsDetails: { LogGroup: "g" } },
      }),
    ),
    element(
      "LogDeliveryConfiguration",
      elements({ Message: "m", DestinationDetails: { KinesisFirehoseDetails: { DeliveryStream: "d" } } }),
    ),
  ),
  element("SecurityGroups", element("member", elements({ SecurityGroupId: "sg-1", Status: "active" }))),
  element(
    "CacheNodes",
    node(
      "0001",
      elements({
        CacheNodeCreateTime: "2026-01-01T00:05:00Z",
        CustomerAvailabilityZone: "eu-west-1a",
        CustomerOutpostArn: "arn:node-outpost",
        ParameterGroupStatus: "in-sync",
        SourceCacheNodeId: "0009",
        Endpoint: { Address: "n1.example", Port: 6379 },
      }),
    ),
    node("0002"),
  ),
);

const CLUSTER = "__meta_elasticache_cache_cluster_";
const under = (prefix: string, labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [prefix + name, value]));

const clusterLabels = {
  __meta_elasticache_deployment_option: "node",
  ...under(CLUSTER, {
    arn: "arn:c",
    at_rest_encryption_enabled: "true",
    auth_token_enabled: "false",
    auth_token_last_modified: "2026-02-01T00:00:00Z",
    auto_minor_version_upgrade: "true",
    cache_cluster_create_time: "2026-01-01T00:00:00Z",
    cache_cluster_id: "queue",
    cache_cluster_status: "available",
    cache_node_type: "cache.t4g.small",
    cache_parameter_group: "default.redis7",
    cache_subnet_group_name: "subnets",
    client_download_landing_page: "https://console.example",
    configuration_endpoint_address: "cfg.example",
    configuration_endpoint_port: "11211",
    engine: "redis",
    engine_version: "7.1.0",
    ip_discovery: "ipv4",
    log_delivery_configuration_delivery_stream_1: "d",
    log_delivery_configuration_destination_type_0: "cloudwatch-logs",
    log_delivery_configuration_log_format_0: "json",
    log_delivery_configuration_log_group_0: "g",
    log_delivery_configuration_log_type_0: "slow-log",
    log_delivery_configuration_message_1: "m",
    log_delivery_configuration_status_0: "active",
    network_type: "dual_stack",
    notification_topic_arn: "arn:topic",
    notification_topic_status: "active",
    num_cache_nodes: "2",
    pending_modified_values_auth_token_status: "ROTATING",
    pending_modified_values_cache_node_ids_to_remove: "0001,0002",
    pending_modified_values_cache_node_type: "cache.m7g.large",
    pending_modified_values_engine_version: "7.2",
    pending_modified_values_num_cache_nodes: "3",
    pending_modified_values_transit_encryption_enabled: "false",
    pending_modified_values_transit_encryption_mode: "preferred",
    preferred_availability_zone: "Multiple",
    preferred_maintenance_window: "sun:23:00-mon:01:30",
    preferred_outpost_arn: "arn:outpost",
    replication_group_id: "rg",
    replication_group_log_delivery_enabled: "false",
    security_group_membership_id_0: "sg-1",
    security_group_membership_status_0: "active",
    snapshot_retention_limit: "0",
    snapshot_window: "03:00-04:00",
    tag_a_b: "c",
    transit_encryption_enabled: "true",
    transit_encryption_mode: "required",
  }),
};

test("ElastiCache discovery returns all labels of a cluster's nodes, also of a node without an endpoint", async () => {
  const aws = await simulatedAws();
  aws.actions.set("DescribeServerlessCaches", () => serverless());
  aws.actions.set("DescribeCacheClusters", () => clusters(cluster));
  aws.actions.set("ListTagsForResource", () => tags);
  const [first, second] = (await startAws(aws, elasticacheKind).next())[0]!.targets;
  expect(first!.toRecord()).toEqual({
    __address__: "n1.example:6379",
    ...clusterLabels,
    ...under(`${CLUSTER}node_`, {
      availability_zone: "eu-west-1a",
      create_time: "2026-01-01T00:05:00Z",
      customer_outpost_arn: "arn:node-outpost",
      endpoint_address: "n1.example",
      endpoint_port: "6379",
      id: "0001",
      parameter_group_status: "in-sync",
      source_cache_node_id: "0009",
      status: "available",
    }),
  });
  expect(second!.toRecord()).toEqual({
    ...clusterLabels,
    ...under(`${CLUSTER}node_`, { id: "0002", status: "available" }),
  });
});

test("ElastiCache discovery reads the caches of the ARNs, and all caches of a type without an ARN", async () => {
  const aws = await simulatedAws();
  aws.actions.set("DescribeServerlessCaches", () => serverless());
  aws.actions.set("DescribeCacheClusters", () => clusters());
  const arn = "arn:aws:elasticache:eu-west-1:1";
  const run = startAws(
    aws,
    elasticacheKind,
    `clusters: ["${arn}:serverlesscache:a", "${arn}:serverlesscache:b", "${arn}:user:c", wrong, ""]`,
  );
  await run.next();
  expect(
    aws.calls
      .slice(1)
      .map(({ params }) => [params.get("Action"), params.get("ServerlessCacheName"), params.get("MaxRecords")]),
  ).toEqual(
    expect.arrayContaining([
      ["DescribeServerlessCaches", "a", null],
      ["DescribeServerlessCaches", "b", null],
      ["DescribeCacheClusters", null, "100"],
    ]) as unknown,
  );
  expect(aws.calls).toHaveLength(4);
  expect(run.logger.lines).toMatchObject([{ level: "warn", fields: { arn: "wrong" } }]);
});

test("ElastiCache discovery reports which request failed", async () => {
  const aws = await simulatedAws();
  const code = (name: string): { status: number; xml: string } => ({
    status: 404,
    xml: `<ErrorResponse><Error><Code>${name}</Code><Message>gone</Message></Error></ErrorResponse>`,
  });
  aws.actions.set("DescribeServerlessCaches", () => serverless());
  aws.actions.set("DescribeCacheClusters", ({ params }) =>
    params.has("CacheClusterId") ? code("CacheClusterNotFound") : clusters(),
  );
  const run = startAws(aws, elasticacheKind, `clusters: ["arn:aws:elasticache:eu-west-1:1:replicationgroup:q"]`);
  expect(await failureOf(run)).toMatch(
    /^failed to describe cache clusters: failed to describe cache cluster q: .* api error CacheClusterNotFound: gone$/,
  );
});
