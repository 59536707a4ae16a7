/** A Prometheus server as prometheus-operator creates it from a resource, such as a Prometheus object. */
export interface OperatedServer {
  /** The fields of the Kubernetes resource that determine the server's arguments. */
  readonly resource: string;
  readonly args: readonly string[];
  /** Value of spec.routePrefix in the Kubernetes resource. */
  readonly prefix?: string;
  /** Storage section of the configuration that the operator generates for the server. */
  readonly storage?: string;
  /** Value of reloadStrategy in the Kubernetes resource; HTTP if undefined. */
  readonly reload?: "signal";
  readonly isAgent?: boolean;
}

const CONFIG = "--config.file=/etc/prometheus/config_out/prometheus.env.yaml";
const WEB_CONFIG = "--web.config.file=/etc/prometheus/web_config/web-config.yaml";
const DATA = "--storage.tsdb.path=/prometheus";
const CONSOLES = [
  "--web.console.templates=/etc/prometheus/consoles",
  "--web.console.libraries=/etc/prometheus/console_libraries",
];

/**
 * Command lines with which prometheus-operator 0.93 starts a server. The arguments depend on spec.version, not on the
 * version of the image in spec.image. For an unknown version, the operator passes the arguments of the newest version
 * that it knows.
 */
export const OPERATED_SERVERS: readonly OperatedServer[] = [
  {
    resource: "version: v2.55.1",
    args: [
      CONFIG,
      ...CONSOLES,
      "--web.enable-lifecycle",
      "--web.route-prefix=/",
      "--storage.tsdb.retention.time=24h",
      DATA,
      WEB_CONFIG,
    ],
  },
  {
    resource: "version: v3.5.0",
    args: [
      CONFIG,
      "--web.enable-lifecycle",
      "--web.route-prefix=/",
      "--storage.tsdb.retention.time=24h",
      DATA,
      WEB_CONFIG,
    ],
  },
  {
    resource: "the newest version, whose retention is in the configuration",
    args: [CONFIG, "--web.enable-lifecycle", "--web.route-prefix=/", DATA, WEB_CONFIG],
    storage: "tsdb: {out_of_order_time_window: 10m, retention: {time: 24h, size: 10GB}}",
  },
  {
    resource: "reloadStrategy: ProcessSignal",
    args: [CONFIG, "--web.route-prefix=/", DATA, WEB_CONFIG],
    reload: "signal",
  },
  {
    resource: "externalUrl, routePrefix, listenLocal",
    args: [
      CONFIG,
      "--web.enable-lifecycle",
      "--web.external-url=https://example.com/prometheus",
      "--web.route-prefix=/prometheus",
      "--web.listen-address=127.0.0.1:9090",
      DATA,
      WEB_CONFIG,
    ],
    prefix: "/prometheus",
  },
  {
    resource: "every field that becomes an argument, version: v3.5.0",
    args: [
      CONFIG,
      "--web.enable-lifecycle",
      "--web.page-title=Team A",
      "--web.max-connections=200",
      "--web.enable-remote-write-receiver",
      "--web.remote-write-receiver.accepted-protobuf-messages=io.prometheus.write.v2.Request,prometheus.WriteRequest",
      "--web.enable-otlp-receiver",
      "--enable-feature=exemplar-storage,native-histograms,memory-snapshot-on-shutdown",
      "--web.route-prefix=/",
      "--log.level=debug",
      "--log.format=json",
      "--storage.tsdb.retention.time=30d",
      "--storage.tsdb.retention.size=40GB",
      DATA,
      "--web.enable-admin-api",
      "--rules.alert.for-outage-tolerance=1h",
      "--rules.alert.for-grace-period=10m",
      "--rules.alert.resend-delay=1m",
      "--query.lookback-delta=5m",
      "--query.max-samples=1000000",
      "--query.max-concurrency=10",
      "--query.timeout=1m",
      "--storage.tsdb.wal-compression",
      WEB_CONFIG,
    ],
  },
  {
    resource: "version: v2.55.1, enableOTLPReceiver, walCompression: false",
    args: [
      CONFIG,
      ...CONSOLES,
      "--web.enable-lifecycle",
      "--enable-feature=otlp-write-receiver",
      "--web.route-prefix=/",
      "--storage.tsdb.retention.time=24h",
      DATA,
      "--no-storage.tsdb.wal-compression",
      WEB_CONFIG,
    ],
  },
  {
    resource: "thanos.objectStorageConfig, version: v3.5.0",
    args: [
      CONFIG,
      "--web.enable-lifecycle",
      "--web.route-prefix=/",
      "--storage.tsdb.retention.time=24h",
      DATA,
      WEB_CONFIG,
      "--storage.tsdb.max-block-duration=2h",
      "--storage.tsdb.min-block-duration=2h",
      "--no-storage.tsdb.allow-overlapping-compaction",
    ],
    storage: "tsdb: {out_of_order_time_window: 10m}",
  },
  {
    resource: "thanos.objectStorageConfig, the newest version",
    args: [
      CONFIG,
      "--web.enable-lifecycle",
      "--web.route-prefix=/",
      DATA,
      WEB_CONFIG,
      "--storage.tsdb.delay-compact-file.path=/prometheus/thanos.shipper.json",
    ],
    storage: "tsdb: {retention: {time: 24h}}",
  },
  {
    resource: "a PrometheusAgent",
    args: [
      CONFIG,
      "--web.enable-lifecycle",
      "--web.route-prefix=/",
      "--agent",
      "--storage.agent.path=/prometheus",
      "--storage.agent.wal-compression",
      WEB_CONFIG,
    ],
    isAgent: true,
  },
];
