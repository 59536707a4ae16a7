import { isIPv6 } from "node:net";
import { join } from "node:path";
import { isEveryHost } from "@narthex/runtime";
import type { Loopback } from "./loopback.ts";

/** A server of the stack, with the arguments that `narthex up` passes to it. */
export interface Role {
  readonly name: string;
  readonly what: string;
  readonly port: number;
  /** Address at which `narthex up` asks the server for its state. */
  readonly loopback: Loopback;
  /** URL path that returns status 200 when the server is ready. */
  readonly readyPath: string;
  readonly args: readonly string[];
  /** Environment variables in addition to those of `up`. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Place {
  readonly dataDir: string;
  readonly configDir: string;
  readonly portOffset: number;
  /** Value of --listen: a host name or an IP address. */
  readonly listen: string;
  readonly loopback: Loopback;
  readonly dashboardsDir: string;
  /** File with the dashboard of the start page. Empty if the start page shows lists instead. */
  readonly homeDashboard: string;
  /** Key for signing the link that logs in to the dashboards. */
  readonly loginKey: string;
}

const isLoopback = (listen: string): boolean => listen === "127.0.0.1" || listen === "localhost";

/** Removes the brackets of an IPv6 address in a URL. */
const withoutBrackets = (host: string): string => /^\[(.*)\]$/.exec(host)?.[1] ?? host;

/** Adds brackets to an IPv6 address, as needed before a port in a URL. */
export const urlHost = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

/**
 * Returns the listen flags of a server. The server also listens on the loopback address if the given address does not
 * include it, because `narthex up` and the other servers connect there.
 */
function listenFlags(given: string, loopback: Loopback, port: number): readonly string[] {
  const listen = withoutBrackets(given);
  const isAll = listen === "" || isEveryHost(listen);
  const hosts = isLoopback(listen) ? [loopback] : isAll ? [listen] : [...new Set([loopback, listen])];
  return hosts.map((host) => `--web.listen-address=${urlHost(host)}:${port}`);
}

/** Flag of the Alertmanager that is set only on a loopback address. Otherwise everyone who reaches the port could use it. */
const RECEIVER_SETUP = "--web.enable-receiver-setup";

/**
 * Returns the flags of the Prometheus server that are set only on a loopback address. Anyone who can reach the port could
 * otherwise stop the server, change its rules, or keep it busy with backtests.
 */
const localFlags = (dataDir: string): readonly string[] => [
  "--web.enable-lifecycle",
  "--web.enable-backtest",
  `--rules.api.path=${join(dataDir, "rules")}`,
];

/**
 * Returns the servers of the stack in the order in which they are started. The Prometheus server is last, because it
 * scrapes the other servers.
 */
export function rolesAt(place: Place): readonly Role[] {
  return serversAt(place).map((server) => ({ ...server, loopback: place.loopback }));
}

function serversAt(place: Place): readonly Omit<Role, "loopback">[] {
  const { dataDir, configDir, portOffset, listen, loopback, dashboardsDir, homeDashboard, loginKey } = place;
  const port = (base: number): number => base + portOffset;
  return [
    {
      name: "node-exporter",
      what: "metrics of this host",
      port: port(9100),
      readyPath: "/",
      args: [...listenFlags(listen, loopback, port(9100))],
    },
    {
      name: "pushgateway",
      what: "metrics pushed by batch jobs",
      port: port(9091),
      readyPath: "/-/ready",
      args: [
        ...listenFlags(listen, loopback, port(9091)),
        `--persistence.file=${join(dataDir, "pushgateway", "groups.db")}`,
      ],
    },
    {
      name: "alertmanager",
      what: "alerts, grouped and routed",
      port: port(9093),
      readyPath: "/-/ready",
      args: [
        ...listenFlags(listen, loopback, port(9093)),
        `--config.file=${join(configDir, "alertmanager.yml")}`,
        `--storage.path=${join(dataDir, "alertmanager")}`,
        `--web.external-url=http://localhost:${port(9093)}/`,
        "--cluster.listen-address=",
        ...(isLoopback(listen) ? [RECEIVER_SETUP] : []),
      ],
    },
    {
      name: "server",
      what: "queries, graphs, rules and targets",
      port: port(9090),
      readyPath: "/-/ready",
      args: [
        ...listenFlags(listen, loopback, port(9090)),
        `--config.file=${join(configDir, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(dataDir, "server")}`,
        `--web.external-url=http://localhost:${port(9090)}/`,
        ...(isLoopback(listen) ? localFlags(dataDir) : []),
      ],
    },
    {
      name: "dashboards",
      what: "dashboards over them",
      port: port(3000),
      readyPath: "/api/health",
      args: [...listenFlags(listen, loopback, port(3000))],
      env: {
        GF_PATHS_DATA: join(dataDir, "dashboards"),
        GF_PATHS_PROVISIONING: join(configDir, "dashboards", "provisioning"),
        GF_SERVER_HTTP_PORT: String(port(3000)),
        GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: homeDashboard,
        NARTHEX_DASHBOARDS_DIR: dashboardsDir,
        NARTHEX_SERVER_URL: `http://localhost:${port(9090)}`,
        NARTHEX_ALERTMANAGER_URL: `http://localhost:${port(9093)}`,
        NARTHEX_PUSHGATEWAY_URL: `http://localhost:${port(9091)}`,
        NARTHEX_LOGIN_LINK: loginKey,
      },
    },
  ];
}
