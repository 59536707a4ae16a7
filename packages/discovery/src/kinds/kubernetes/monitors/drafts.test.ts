import { foundJobReader, parsePrometheusConfig } from "@narthex/config";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SpecError } from "../custom-objects/spec-error.ts";
import { type JobDraft, type Json, type MonitorKind } from "./monitor.ts";
import { monitorKinds } from "./registry.ts";
import { MONITOR_KINDS, type MonitorRules } from "./section.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";

const RULES: MonitorRules = {
  serviceDiscoveryRole: "endpoints",
  podTargetLabels: [],
  ignoreNamespaceSelectors: false,
  denyFileAccess: false,
};

/** Replaces the value of a reference by `<name>/<key>` for the test. */
const shown = (reference: SpecFields): string => `${reference.text("name")}/${reference.text("key")}`;

function draftsOf(kind: MonitorKind, spec: unknown, rules: Partial<MonitorRules> = {}): readonly JobDraft[] {
  const references = { secret: shown, configMap: shown, waitsFor: "" };
  const monitor = { namespace: "shop", name: "web", spec: spec as Json };
  return kind.drafts(monitor, { ...RULES, ...rules, references });
}

const { ServiceMonitor, PodMonitor, Probe } = monitorKinds;

interface WrittenRule {
  readonly action?: string;
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
}

/** Returns relabeling rules as `action source,source;regex -> target = replacement`. Omits parts that are not set. */
const rulesOf = ({ settings }: JobDraft): string[] =>
  (settings["relabel_configs"] as readonly WrittenRule[]).map((rule) => {
    const { action, source_labels: sources = [], regex, target_label: target, replacement } = rule;
    const parts = [
      action,
      sources.map((name) => name.replace("__meta_kubernetes_", "~")).join(","),
      regex === undefined ? undefined : `/${regex}/`,
      target === undefined ? undefined : `-> ${target}`,
      replacement === undefined ? undefined : `= ${replacement}`,
    ];
    return parts.filter((part) => part !== undefined && part !== "").join(" ");
  });

test("a ServiceMonitor's endpoint is a job with prometheus-operator's labels", () => {
  const [draft] = draftsOf(ServiceMonitor, {
    jobLabel: "app.kubernetes.io/name",
    targetLabels: ["team"],
    podTargetLabels: ["version"],
    selector: {
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["a", "b"] },
        { key: "canary", operator: "DoesNotExist" },
      ],
    },
    endpoints: [{ port: "http", relabelings: [{ sourceLabels: ["x"], targetLabel: "y", action: "Uppercase" }] }],
  });
  expect(draft).toMatchObject({
    jobName: "serviceMonitor/shop/web/0",
    targets: { role: "endpoints", namespaces: ["shop"], attach: { node: false }, selectors: [] },
  });
  expect(rulesOf(draft!)).toEqual([
    "job -> __tmp_prometheus_job_name",
    "keep ~service_label_app,~service_labelpresent_app /(web);true/",
    "keep ~service_label_tier,~service_labelpresent_tier /(a|b);true/",
    "drop ~service_labelpresent_canary /true/",
    "keep ~endpoint_port_name /http/",
    "~endpoint_address_target_kind,~endpoint_address_target_name /Node;(.*)/ -> node = ${1}",
    "~endpoint_address_target_kind,~endpoint_address_target_name /Pod;(.*)/ -> pod = ${1}",
    "~namespace -> namespace",
    "~service_name -> service",
    "~pod_name -> pod",
    "~pod_container_name -> container",
    "drop ~pod_phase /(Failed|Succeeded)/",
    "~service_label_team /(.+)/ -> team = ${1}",
    "~pod_label_version /(.+)/ -> version = ${1}",
    "~service_name -> job = ${1}",
    "~service_label_app_kubernetes_io_name /(.+)/ -> job = ${1}",
    "-> endpoint = http",
    "uppercase x -> y",
  ]);
});

test("a PodMonitor's endpoint is a job named after the monitor", () => {
  const [draft] = draftsOf(
    PodMonitor,
    {
      jobLabel: "app",
      selector: { matchLabels: { app: "web" } },
      namespaceSelector: { any: true },
      attachMetadata: { node: true },
      podMetricsEndpoints: [{ portNumber: 8080, filterRunning: false }],
    },
    { podTargetLabels: ["team"] },
  );
  expect(draft).toMatchObject({
    jobName: "podMonitor/shop/web/0",
    targets: { role: "pod", namespaces: [], attach: { node: true } },
  });
  expect(rulesOf(draft!)).toEqual([
    "job -> __tmp_prometheus_job_name",
    "keep ~pod_label_app,~pod_labelpresent_app /(web);true/",
    "keep ~pod_container_port_number /8080/",
    "~namespace -> namespace",
    "~pod_container_name -> container",
    "~pod_name -> pod",
    "~pod_label_team /(.+)/ -> team = ${1}",
    "-> job = shop/web",
    "~pod_label_app /(.+)/ -> job = ${1}",
  ]);
});

test("a monitor may use endpoint slices, which have their own meta labels", () => {
  const spec = { selector: {}, serviceDiscoveryRole: "EndpointSlice", endpoints: [{ port: "http" }] };
  const [asked] = draftsOf(ServiceMonitor, spec);
  const [configured] = draftsOf(
    ServiceMonitor,
    { ...spec, serviceDiscoveryRole: undefined },
    { serviceDiscoveryRole: "endpointslice" },
  );
  expect(asked).toEqual(configured);
  expect(asked!.targets!.role).toBe("endpointslice");
  expect(rulesOf(asked!)).toEqual(
    expect.arrayContaining([
      "keep ~endpointslice_port_name /http/",
      "~endpointslice_address_target_kind,~endpointslice_address_target_name /Pod;(.*)/ -> pod = ${1}",
    ]),
  );
});

test("with the mechanism RoleSelector, objects are selected in the request to the API, without relabeling", () => {
  const selector = { matchLabels: { app: "web" } };
  const more = { selector, selectorMechanism: "RoleSelector" };
  const [services] = draftsOf(ServiceMonitor, { ...more, endpoints: [{}] });
  const [pods] = draftsOf(PodMonitor, { ...more, podMetricsEndpoints: [{}] });
  expect(services!.targets!.selectors).toEqual([
    { role: "endpoints", label: "app=web", field: "" },
    { role: "service", label: "app=web", field: "" },
  ]);
  expect(pods!.targets!.selectors).toEqual([{ role: "pod", label: "app=web", field: "" }]);
  for (const draft of [services!, pods!]) expect(rulesOf(draft).filter((rule) => rule.includes("label"))).toEqual([]);
});

test.each<[Json, readonly string[], Partial<MonitorRules>]>([
  [{}, ["shop"], {}],
  [{ any: true, matchNames: ["a"] }, [], {}],
  [{ matchNames: ["a", "b"] }, ["a", "b"], {}],
  [{ any: true }, ["shop"], { ignoreNamespaceSelectors: true }],
])("namespaceSelector %j finds targets in %j", (namespaceSelector, namespaces, rules) => {
  const [draft] = draftsOf(ServiceMonitor, { selector: {}, namespaceSelector, endpoints: [{}] }, rules);
  expect(draft!.targets!.namespaces).toEqual(namespaces);
});

test.each<[Json, readonly string[]]>([
  [{ targetPort: "web" }, ["keep ~pod_container_port_name /web/", "-> endpoint = web"]],
  [{ targetPort: 80 }, ["keep ~pod_container_port_number /80/", "-> endpoint = 80"]],
  [{ port: "http", targetPort: 80 }, ["keep ~endpoint_port_name /http/", "-> endpoint = http"]],
  [{}, []],
])("an endpoint %j keeps its port: %j", (endpoint, expected) => {
  const [draft] = draftsOf(ServiceMonitor, { selector: {}, endpoints: [endpoint] });
  expect(rulesOf(draft!).filter((rule) => /port|endpoint =/.test(rule))).toEqual(expected);
});

test("an endpoint's settings for scrapes and credentials become those of a scrape configuration", () => {
  const secret = (name: string, key: string) => ({ name, key });
  const [draft] = draftsOf(ServiceMonitor, {
    selector: {},
    sampleLimit: 10,
    targetLimit: 5,
    labelLimit: 4,
    labelNameLengthLimit: 3,
    labelValueLengthLimit: 2,
    keepDroppedTargets: 1,
    bodySizeLimit: "10MB",
    scrapeProtocols: ["PrometheusText0.0.4"],
    fallbackScrapeProtocol: "PrometheusText0.0.4",
    scrapeClassicHistograms: true,
    nativeHistogramMinBucketFactor: "1100m",
    endpoints: [
      {
        honorLabels: true,
        honorTimestamps: false,
        trackTimestampsStaleness: true,
        interval: "10s",
        scrapeTimeout: "5s",
        path: "/m",
        params: { a: ["b"] },
        scheme: "HTTPS",
        followRedirects: false,
        enableHttp2: false,
        proxyUrl: "http://proxy:1",
        proxyConnectHeader: { "X-A": [secret("proxy", "a")] },
        tlsConfig: {
          ca: { configMap: secret("bundle", "ca") },
          cert: { secret: secret("client", "cert") },
          keySecret: secret("client", "key"),
          serverName: "web",
          minVersion: "TLS12",
        },
        oauth2: {
          clientId: { configMap: secret("app", "id") },
          clientSecret: secret("app", "secret"),
          tokenUrl: "http://token",
          scopes: ["s"],
          endpointParams: { p: "q" },
          tlsConfig: { insecureSkipVerify: true },
        },
        metricRelabelings: [{ sourceLabels: ["__name__"], regex: "go_.*", action: "drop" }],
      },
    ],
  });
  const { relabel_configs: _, ...settings } = draft!.settings;
  expect(settings).toEqual({
    honor_labels: true,
    honor_timestamps: false,
    track_timestamps_staleness: true,
    scrape_interval: "10s",
    scrape_timeout: "5s",
    metrics_path: "/m",
    params: { a: ["b"] },
    scheme: "https",
    follow_redirects: false,
    enable_http2: false,
    proxy_url: "http://proxy:1",
    proxy_connect_header: { "X-A": ["proxy/a"] },
    tls_config: { ca: "bundle/ca", cert: "client/cert", key: "client/key", server_name: "web", min_version: "TLS12" },
    oauth2: {
      client_id: "app/id",
      client_secret: "app/secret",
      token_url: "http://token",
      scopes: ["s"],
      endpoint_params: { p: "q" },
      tls_config: { insecure_skip_verify: true },
    },
    sample_limit: 10,
    target_limit: 5,
    label_limit: 4,
    label_name_length_limit: 3,
    label_value_length_limit: 2,
    keep_dropped_targets: 1,
    body_size_limit: "10MB",
    scrape_protocols: ["PrometheusText0.0.4"],
    fallback_scrape_protocol: "PrometheusText0.0.4",
    always_scrape_classic_histograms: true,
    native_histogram_min_bucket_factor: 1.1,
    metric_relabel_configs: [{ source_labels: ["__name__"], regex: "go_.*", action: "drop" }],
  });
});

test.each<[Json, Json]>([
  [
    { basicAuth: { username: { name: "a", key: "u" }, password: { name: "a", key: "p" } } },
    { basic_auth: { username: "a/u", password: "a/p" } },
  ],
  [
    { authorization: { credentials: { name: "a", key: "t" } } },
    { authorization: { type: "Bearer", credentials: "a/t" } },
  ],
  [{ authorization: { type: "" } }, {}],
  [{ authorization: { type: " Token " } }, { authorization: { type: "Token" } }],
  [{ bearerTokenSecret: { name: "a", key: "t" } }, { bearer_token: "a/t" }],
  [{ bearerTokenSecret: { name: "", key: "" } }, {}],
  [
    { bearerTokenFile: "/token", tlsConfig: { caFile: "/ca" } },
    { bearer_token_file: "/token", tls_config: { ca_file: "/ca" } },
  ],
])("credentials %j are sent as %j", (endpoint, expected) => {
  const [draft] = draftsOf(ServiceMonitor, { selector: {}, endpoints: [endpoint] });
  const { honor_labels: _, relabel_configs: __, ...settings } = draft!.settings;
  expect(settings).toEqual(expected);
});

test("a Probe requests its prober for each static target", () => {
  const [draft] = draftsOf(Probe, {
    jobName: "sites",
    module: "http_2xx",
    params: [
      { name: "module", values: ["ignored"] },
      { name: "debug", values: ["true"] },
    ],
    prober: { url: "blackbox:9115", scheme: "HTTP" },
    targets: { staticConfig: { static: ["https://example.com"], labels: { team: "x" } } },
  });
  expect(draft).toMatchObject({ jobName: "probe/shop/web", targets: undefined });
  expect(draft!.settings).toMatchObject({
    metrics_path: "/probe",
    scheme: "http",
    params: { module: ["http_2xx"], debug: ["true"] },
    static_configs: [{ targets: ["https://example.com"], labels: { namespace: "shop", team: "x" } }],
  });
  expect(rulesOf(draft!)).toEqual([
    "job -> __tmp_prometheus_job_name",
    "-> job = sites",
    "__address__ -> __param_target",
    "__param_target -> instance",
    "-> __address__ = blackbox:9115",
  ]);
});

test("a Probe of ingresses keeps the selected ingresses, and probes their addresses", () => {
  const [draft] = draftsOf(Probe, {
    prober: { url: "blackbox" },
    targets: { ingress: { selector: { matchLabels: { app: "web" } }, namespaceSelector: { any: true } } },
  });
  expect(draft!.targets).toMatchObject({ role: "ingress", namespaces: [] });
  expect(rulesOf(draft!)).toEqual([
    "job -> __tmp_prometheus_job_name",
    "keep ~ingress_label_app,~ingress_labelpresent_app /(web);true/",
    "replace ~ingress_scheme,__address__,~ingress_path /(.+);(.+);(.+)/ -> __param_target = ${1}://${2}${3}",
    "~namespace -> namespace",
    "~ingress_name -> ingress",
    "replace __address__ /(.*)/ -> __tmp_ingress_address = $1",
    "__param_target -> instance",
    "-> __address__ = blackbox",
  ]);
});

test.each<[MonitorKind, unknown, string]>([
  [ServiceMonitor, null, "spec is not an object"],
  [ServiceMonitor, { selector: {}, endpoints: {} }, "endpoints is not a list"],
  [ServiceMonitor, { selector: {}, endpoints: [{}, { port: 1 }] }, "endpoints[1].port is not a text"],
  [
    ServiceMonitor,
    { selector: {}, endpoints: [{ basicAuth: { username: { name: "a", key: "b" } } }] },
    "endpoints[0]: basicAuth: password: the reference to a Secret is missing",
  ],
  [
    PodMonitor,
    { selector: {}, podMetricsEndpoints: [{ tlsConfig: { ca: { secret: {}, configMap: {} } } }] },
    "podMetricsEndpoints[0]: tlsConfig: ca: both a secret and a configMap are named; keep one of them",
  ],
  [
    Probe,
    { prober: { url: "http://blackbox" }, targets: {} },
    'prober.url "http://blackbox" is not a host or host:port',
  ],
  [Probe, { prober: { url: "blackbox" }, targets: {} }, "targets names neither staticConfig nor ingress"],
  [
    ServiceMonitor,
    { nativeHistogramMinBucketFactor: "x", endpoints: [{}] },
    'endpoints[0]: nativeHistogramMinBucketFactor "x" is not a quantity',
  ],
  [
    ServiceMonitor,
    { nativeHistogramMinBucketFactor: "1constructor", endpoints: [{}] },
    'endpoints[0]: nativeHistogramMinBucketFactor "1constructor" is not a quantity',
  ],
])("$0.kind of $1 is refused: $2", (kind, spec, words) => {
  let message = "";
  try {
    draftsOf(kind, spec);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    message = error.message;
  }
  expect(message).toBe(words);
});

test("deny_file_access refuses every field that names a file of the server", () => {
  const reference = { name: "login", key: "x" };
  const client = { clientId: { secret: reference }, clientSecret: reference, tokenUrl: "https://sso/token" };
  const named = [
    { bearerTokenFile: "/f" },
    ...["caFile", "certFile", "keyFile"].flatMap((key) => [
      { tlsConfig: { [key]: "/f" } },
      { oauth2: { ...client, tlsConfig: { [key]: "/f" } } },
    ]),
  ];
  for (const endpoint of named) {
    const spec = { selector: {}, endpoints: [endpoint] };
    expect(() => draftsOf(ServiceMonitor, spec)).not.toThrow();
    expect(() => draftsOf(ServiceMonitor, spec, { denyFileAccess: true })).toThrow(/names a file of the server/);
  }
});

const parsed = parsePrometheusConfig("", "prometheus.yml", {}, () => undefined);
if (!parsed.ok) throw new Error("an empty file is valid");
const readJob = foundJobReader(parsed.value.global);

/** Fields that a monitor's spec can have. The test generates random specs with these fields. */
const FIELDS =
  "endpoints podMetricsEndpoints selector matchLabels matchExpressions key operator values namespaceSelector any matchNames " +
  "port targetPort relabelings metricRelabelings sourceLabels regex action basicAuth username password name tlsConfig ca " +
  "secret configMap oauth2 clientId prober url targets staticConfig static labels ingress params proxyConnectHeader interval";
const fieldName = fc.constantFrom(...FIELDS.split(" "));
const { spec } = fc.letrec<{ spec: Json }>((tie) => ({
  spec: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    fc.constantFrom<Json>("", "a", "http", "In", "10s", true, 1, 0, null, [], {}),
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.array(tie("spec"), { maxLength: 3 }) as fc.Arbitrary<Json>,
    fc.dictionary(fieldName, tie("spec"), { maxKeys: 6 }) as fc.Arbitrary<Json>,
  ),
}));

test("any spec results in a job, an error of the monitor, or an error in the job's configuration", () => {
  fc.assert(
    fc.property(fc.constantFrom(...MONITOR_KINDS), fc.dictionary(fieldName, spec, { maxKeys: 8 }), (kind, value) => {
      let drafts: readonly JobDraft[];
      try {
        drafts = draftsOf(monitorKinds[kind], value);
      } catch (error) {
        if (!(error instanceof SpecError)) throw error;
        expect(error.message).not.toBe("");
        return;
      }
      for (const { jobName, settings } of drafts) {
        const loaded = readJob({ job_name: jobName, ...settings });
        if (loaded.ok) expect(loaded.value.jobName).toBe(jobName);
        else expect(loaded.problems.every(({ message }) => message !== "")).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
