import { client } from "./client-grammar.ts";
import { type Fields, oneOf, section, text } from "./sections.ts";
import { boolean, host, labels, listOf, path, seconds, word } from "./values.ts";

const staticGroup = section([
  [95, "targets", listOf(host, 4)],
  [40, "labels", labels],
]);

const fileDiscovery = section([
  [98, "files", listOf((random) => random.pick(["a.yml", "b/*.json", "c.yaml", "'d*.yml'"]))],
  // The interval is never zero: Prometheus accepts zero and then crashes.
  [30, "refresh_interval", seconds],
]);

const httpDiscovery = section(
  [
    [98, "url", text("http://sd:1/targets")],
    [30, "refresh_interval", seconds],
  ],
  client,
);

const port = oneOf([4, text("9100")], [1, text("0")]);

const dns = section([
  [97, "names", listOf(host)],
  [50, "type", oneOf(...["A", "AAAA", "SRV", "MX", "NS", "a"].map((type) => [1, text(type)] as const))],
  [70, "port", port],
  [30, "refresh_interval", seconds],
]);

const consul = section(
  [
    [70, "server", host],
    [10, "path_prefix", text("/consul")],
    [20, "token", word],
    [20, "datacenter", word],
    [10, "namespace", word],
    [10, "partition", word],
    [10, "tag_separator", text("';'")],
    [15, "scheme", text("https")],
    [8, "username", word],
    [8, "password", word],
    [20, "allow_stale", boolean],
    [30, "refresh_interval", seconds],
    [30, "services", listOf(word)],
    [20, "tags", listOf(word)],
    [20, "node_meta", labels],
    [10, "filter", text("'Service == \"a\"'")],
  ],
  client,
);

const filters = listOf(
  section([
    [97, "name", word],
    [90, "values", listOf(word)],
  ]),
  2,
);

const engine: Fields = [
  [
    95,
    "host",
    oneOf([3, text("unix:///var/run/docker.sock")], [2, text("tcp://127.0.0.1:2375")], [1, text("http://a:1")]),
  ],
  [30, "port", port],
  [30, "refresh_interval", seconds],
  [30, "filters", filters],
];

const docker = section(
  engine,
  [
    [20, "host_networking_host", word],
    [20, "match_first_network", boolean],
  ],
  client,
);

const dockerswarm = section(
  engine,
  [[95, "role", oneOf([1, text("tasks")], [1, text("nodes")], [1, text("services")])]],
  client,
);

const ec2 = section(
  [
    [95, "region", text("eu-central-1")],
    // Uses a local endpoint, so that servers that load the file do not connect to the real service.
    [100, "endpoint", text("http://127.0.0.1:1")],
    [30, "access_key", word],
    [30, "secret_key", word],
    [10, "profile", word],
    [10, "role_arn", text("arn:aws:iam::1:role/r")],
    [30, "refresh_interval", seconds],
    [30, "port", port],
    [30, "filters", filters],
  ],
  client,
);

const role = oneOf(
  ...["pod", "node", "service", "endpoints", "endpointslice", "ingress"].map((name) => [1, text(name)] as const),
);

const kubernetes = section(
  [
    [97, "role", role],
    [60, "api_server", text("https://k8s:6443")],
    [8, "kubeconfig_file", path],
    [
      30,
      "namespaces",
      section([
        [40, "own_namespace", boolean],
        [60, "names", listOf(word)],
      ]),
    ],
    [
      20,
      "selectors",
      listOf(
        section([
          [95, "role", role],
          [60, "label", text("app=a")],
          [40, "field", text("metadata.name=a")],
        ]),
        2,
      ),
    ],
    [20, "attach_metadata", section([[80, "node", boolean]])],
  ],
  client,
);

/** All discovery sections. */
export const discovery: Fields = [
  [5, "dns_sd_configs", listOf(dns, 2)],
  [5, "consul_sd_configs", listOf(consul, 2)],
  [4, "docker_sd_configs", listOf(docker, 2)],
  [4, "dockerswarm_sd_configs", listOf(dockerswarm, 2)],
  [5, "ec2_sd_configs", listOf(ec2, 2)],
  [8, "kubernetes_sd_configs", listOf(kubernetes, 2)],
  [60, "static_configs", listOf(staticGroup)],
  [15, "file_sd_configs", listOf(fileDiscovery, 2)],
  [8, "http_sd_configs", listOf(httpDiscovery, 2)],
];
