import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * A requirement of a test besides Node and the checkout. If the machine lacks a requirement, the test is skipped and
 * the requirement is reported.
 */
export type Requirement =
  | "browser"
  | "clickhouse"
  | "docker"
  | "go clients"
  | "graphite"
  | "influxdb"
  | "java"
  | "kubectl"
  | "ldap"
  | "mariadb"
  | "network lab"
  | "peers"
  | "postgres"
  | "python clients"
  | "curl"
  | "systemd"
  | "zookeeper";

const PYTHON = "/usr/bin/python3";

/** The server of OpenLDAP. */
export const slapd = "/usr/sbin/slapd";

/** Folder with the programs of the original projects. */
export const peers: string = process.env["NARTHEX_PEERS"] ?? "/usr/bin";

/** Path of the ClickHouse server. */
export const clickhouse = "/usr/sbin/clickhouse-server";

/** Path of the MariaDB server. */
export const mariadbd = "/usr/sbin/mariadbd";

/** Library of ZooKeeper's server and client. */
export const zooKeeperJar = "/usr/share/java/zookeeper.jar";

/** Path of the InfluxDB server. */
export const influxd = "/usr/bin/influxd";

/** Path of the Chromium program. */
export const browser: string = process.env["NARTHEX_BROWSER"] ?? "/usr/bin/chromium";

export const python = PYTHON;

/** Folder of Go libraries in Debian's packages. */
export const goPath = "/usr/share/gocode";

/** Path of a tool that creates network hosts with links that can be cut; empty if the tool is not available. */
export const netlab: string = process.env["NARTHEX_NETLAB"] ?? "";

/** Folder of the newest installed PostgreSQL programs; empty if PostgreSQL is not installed. */
export const postgres: string = process.env["NARTHEX_POSTGRES"] ?? newestPostgres("/usr/lib/postgresql");

function newestPostgres(folder: string): string {
  const versions = existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.find((version) => existsSync(join(folder, version, "bin/postgres")));
  return found === undefined ? "" : join(folder, found, "bin");
}

const answers = (command: string, args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: "ignore", timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
};

/** The first minor version of kubectl whose kustomize supports components. */
const FIRST_KUBECTL = 21;

function hasKubectl(): boolean {
  try {
    const text = execFileSync("kubectl", ["version", "--client", "--output=json"], { encoding: "utf8", stdio: "pipe" });
    const { clientVersion } = JSON.parse(text) as { clientVersion: { major: string; minor: string } };
    return Number(clientVersion.major) > 1 || Number.parseInt(clientVersion.minor, 10) >= FIRST_KUBECTL;
  } catch {
    return false;
  }
}

const probes: Readonly<Record<Requirement, () => boolean>> = {
  browser: () => existsSync(browser),
  clickhouse: () => existsSync(clickhouse),
  docker: () => process.env["NARTHEX_DOCKER"] === "1" && answers("docker", ["info"]),
  "go clients": () => answers("go", ["version"]) && existsSync(join(goPath, "src/github.com/prometheus/client_golang")),
  graphite: () => existsSync("/usr/lib/python3/dist-packages/graphite"),
  influxdb: () => existsSync(influxd),
  java: () => answers("javac", ["-version"]),
  kubectl: hasKubectl,
  ldap: () => existsSync(slapd),
  mariadb: () => existsSync(mariadbd),
  "network lab": () => existsSync(netlab) && process.getuid?.() === 0,
  peers: () => ["prometheus", "promtool"].every((name) => existsSync(join(peers, name))),
  postgres: () => postgres !== "" && existsSync(join(postgres, "initdb")),
  "python clients": () => answers(PYTHON, ["-c", "import prometheus_client, django, django_prometheus"]),
  curl: () => answers("curl", ["--version"]),
  systemd: () => answers("systemd-analyze", ["--version"]),
  zookeeper: () => existsSync(zooKeeperJar) && answers("java", ["-version"]),
};

const known = new Map<Requirement, boolean>();

/** Reports whether this machine lacks a requirement, for `test.skipIf(lacks("browser"))`. */
export function lacks(...needed: readonly Requirement[]): boolean {
  return needed.some((one) => {
    if (!known.has(one)) known.set(one, probes[one]());
    return !known.get(one)!;
  });
}
