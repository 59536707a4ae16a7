import { join } from "node:path";
import { routePrefixOf } from "@narthex/http";
import type { Host } from "@narthex/runtime";
import { dashboardsFolder, homeDashboardIn } from "../up/starter-config.ts";
import type { RoleArguments } from "./role-arguments.ts";
import type { View } from "./sandbox.ts";

/** Folders of a server under this machine's init system. */
export interface RoleFolders {
  readonly config: string;
  readonly data: string;
}

/** Addresses of a server, and the URL path to check whether the server is ready. */
export interface RoleAddress {
  /** Addresses in the form of --web.listen-address. */
  readonly listen: readonly string[];
  /** URL path that returns a status below 400 when the server is ready. */
  readonly path: string;
}

/** A Narthex server that can run as a service. */
export interface ServiceRole {
  /** Name of the server's sub-command of `narthex`. */
  readonly role: string;
  /** Alternative names that users may enter for the server. */
  readonly aliases: readonly string[];
  /** Name of the service, of its user and of its folders. */
  readonly name: string;
  readonly title: string;
  readonly documentation: string;
  readonly view: View;
  /** Whether the server reloads its configuration on SIGHUP. */
  readonly reloads: boolean;
  /** Files and folders of the starter configuration that are copied into the server's own folder. */
  readonly starter: readonly string[];
  /** Returns the flags that are set if the user does not give them. */
  readonly defaults: (given: RoleArguments, folders: RoleFolders) => readonly string[];
  readonly environment: (folders: RoleFolders, env: Host["env"]) => Readonly<Record<string, string>>;
  /** Names of flags whose values are files or folders that the server reads. */
  readonly reads: readonly string[];
  /** Names of flags whose values are folders that are searched and need not exist. */
  readonly scans?: readonly string[];
  /** Format of the file in --config.file, if that file names other files. */
  readonly configuration?: "prometheus" | "alertmanager";
  /** Returns the folders to which the server writes, with the flags that name them. */
  readonly writes: (args: RoleArguments, folders: RoleFolders) => readonly WrittenFolder[];
  readonly address: (args: RoleArguments) => RoleAddress;
  /** Names of the services in the packages of the original program, such as Prometheus. */
  readonly originals: readonly string[];
  load(): Promise<(host: Host) => Promise<number>>;
}

interface WrittenFolder {
  readonly path: string;
  /** The flag that sets the folder, or the reason why the server writes to the folder. */
  readonly flag: string;
}

const nothing = (): Readonly<Record<string, string>> => ({});

/** Returns the common prefix of all routes of a server. */
const prefixOf = (args: RoleArguments): string =>
  routePrefixOf(args.value("web.route-prefix") ?? "", args.value("web.external-url") ?? "");

const webAddress =
  (fallback: string, path: string) =>
  (args: RoleArguments): RoleAddress => {
    const listen = args.values("web.listen-address");
    return { listen: listen.length > 0 ? listen : [fallback], path: `${prefixOf(args)}${path}` };
  };

function written(args: RoleArguments, ...flags: readonly string[]): readonly WrittenFolder[] {
  return flags.flatMap((flag) => {
    const path = args.value(flag);
    return path === undefined || path === "" ? [] : [{ path, flag: `--${flag}` }];
  });
}

/** All servers that can be services. To add a server, add a row here and a row to the table in docs/services.md. */
export const SERVICE_ROLES: readonly ServiceRole[] = [
  {
    role: "server",
    aliases: ["prometheus"],
    name: "prometheus",
    title: "Narthex server (Prometheus)",
    documentation: "https://prometheus.io/docs/",
    view: "own files",
    reloads: true,
    starter: ["prometheus.yml", "rules", "alert-pack"],
    configuration: "prometheus",
    defaults: (given, { config, data }) => [
      `--config.file=${join(config, "prometheus.yml")}`,
      given.words.includes("--agent") ? `--storage.agent.path=${data}` : `--storage.tsdb.path=${data}`,
    ],
    environment: nothing,
    reads: [
      "config.file",
      "web.config.file",
      "web.console.templates",
      "web.console.libraries",
      "web.user-assets",
      "storage.tsdb.delay-compact-file.path",
      "query.usage-dashboards",
    ],
    writes: (args) => written(args, "storage.tsdb.path", "storage.agent.path"),
    address: webAddress("0.0.0.0:9090", "/-/ready"),
    originals: ["prometheus"],
    load: async () => (await import("@narthex/server-app")).main,
  },
  {
    role: "alertmanager",
    aliases: [],
    name: "alertmanager",
    title: "Narthex Alertmanager",
    documentation: "https://prometheus.io/docs/alerting/alertmanager/",
    view: "own files",
    reloads: true,
    starter: ["alertmanager.yml"],
    configuration: "alertmanager",
    defaults: (given, { config, data }) => [
      `--config.file=${join(config, "alertmanager.yml")}`,
      `--storage.path=${data}`,
      // The cluster port is disabled by default, because a single instance does not need it.
      ...(given.hasAny("cluster.") ? [] : ["--cluster.listen-address="]),
    ],
    environment: nothing,
    reads: ["config.file", "web.config.file", "store.url-file", "cluster.tls-config"],
    writes: (args) => written(args, "storage.path"),
    address: webAddress(":9093", "/-/ready"),
    originals: ["alertmanager", "prometheus-alertmanager"],
    load: async () => (await import("@narthex/alertmanager-app")).main,
  },
  {
    role: "pushgateway",
    aliases: [],
    name: "pushgateway",
    title: "Narthex Pushgateway",
    documentation: "https://github.com/prometheus/pushgateway",
    view: "own files",
    reloads: false,
    starter: [],
    defaults: (_, { data }) => [`--persistence.file=${join(data, "groups.db")}`],
    environment: nothing,
    reads: ["web.config.file", "push.users-file"],
    writes: (args) => written(args, "persistence.file").map(({ path, flag }) => ({ path: join(path, ".."), flag })),
    address: webAddress(":9091", "/-/ready"),
    originals: ["pushgateway", "prometheus-pushgateway"],
    load: async () => (await import("@narthex/pushgateway-app")).main,
  },
  {
    role: "node-exporter",
    aliases: ["node_exporter"],
    name: "node_exporter",
    title: "Narthex node exporter",
    documentation: "https://github.com/prometheus/node_exporter",
    view: "host",
    reloads: false,
    starter: [],
    defaults: (_, { data }) => [`--collector.textfile.directory=${join(data, "textfile_collector")}`],
    environment: nothing,
    reads: ["web.config.file"],
    scans: ["collector.textfile.directory"],
    // Scripts write metrics to this folder, so the installation must create it.
    writes: (args, { data }) =>
      args.values("collector.textfile.directory").includes(join(data, "textfile_collector"))
        ? [{ path: join(data, "textfile_collector"), flag: "--collector.textfile.directory" }]
        : [],
    address: (args) => ({ ...webAddress(":9100", "/")(args), path: "/" }),
    originals: ["node_exporter", "node-exporter", "prometheus-node-exporter"],
    load: async () => (await import("@narthex/node-exporter-app")).main,
  },
  {
    role: "dashboards",
    aliases: [],
    name: "narthex-dashboards",
    title: "Narthex dashboards (Grafana)",
    documentation: "https://grafana.com/docs/grafana/latest/",
    view: "own files",
    reloads: false,
    starter: ["dashboards/provisioning"],
    defaults: () => [],
    environment: ({ config, data }, env) => {
      const folder = dashboardsFolder(env);
      return {
        GF_PATHS_DATA: data,
        GF_PATHS_PROVISIONING: join(config, "provisioning"),
        GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: homeDashboardIn(folder, env),
        NARTHEX_DASHBOARDS_DIR: folder,
        NARTHEX_SERVER_URL: "http://localhost:9090",
        NARTHEX_ALERTMANAGER_URL: "http://localhost:9093",
        NARTHEX_PUSHGATEWAY_URL: "http://localhost:9091",
      };
    },
    reads: ["config", "web.config.file"],
    writes: (args, { data }) => [{ path: args.setting("paths.data") ?? data, flag: "cfg:paths.data" }],
    address: (args) => ({
      ...webAddress(
        `${args.setting("server.http_addr") ?? ""}:${args.setting("server.http_port") ?? "3000"}`,
        "",
      )(args),
      path: "/api/health",
    }),
    originals: ["grafana-server", "grafana"],
    load: async () => (await import("@narthex/dashboards-app")).main,
  },
  {
    role: "cadvisor",
    aliases: [],
    name: "cadvisor",
    title: "Narthex instead of cAdvisor",
    documentation: "https://github.com/google/cadvisor",
    view: "containers",
    reloads: false,
    starter: [],
    defaults: () => [],
    environment: nothing,
    reads: ["web.config.file"],
    writes: () => [],
    address: (args) => ({
      listen: [`${args.value("listen_ip") ?? ""}:${args.value("port") ?? "8080"}`],
      path: `${args.value("url_base_prefix") ?? ""}/healthz`,
    }),
    originals: ["cadvisor"],
    load: async () => (await import("@narthex/node-exporter-app")).cadvisor,
  },
];

/**
 * The servers that the word `all` means, which are the servers of `narthex up`. cadvisor is not included, because the
 * node exporter can also report containers.
 */
export const ALL_ROLES: readonly ServiceRole[] = SERVICE_ROLES.filter(({ role }) => role !== "cadvisor");

export const roleNamed = (word: string): ServiceRole | undefined =>
  SERVICE_ROLES.find(({ role, aliases }) => role === word || aliases.includes(word));
