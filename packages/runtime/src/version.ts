import { readFileSync } from "node:fs";

/**
 * Version data of one program: the version of Narthex, and the version of the program that it replaces, such as
 * Prometheus.
 */
export interface BuildInfo {
  /** Program name in `--version`, such as `prometheus`. */
  readonly program: string;
  /** Version of the replaced program, such as Prometheus. */
  readonly version: string;
  /** Version of Narthex. */
  readonly narthex: string;
  readonly revision: string;
  readonly branch: string;
  readonly buildUser: string;
  readonly buildDate: string;
  /**
   * Version of the runtime environment, which clients show as "goVersion". In this program it is the version of Node.
   */
  readonly goVersion: string;
}

/** Narthex' version, from the manifest of this package or of a bundle. Images set it with NARTHEX_VERSION. */
export const NARTHEX_VERSION: string = process.env["NARTHEX_VERSION"] ?? versionFromManifest();

function versionFromManifest(): string {
  try {
    const file = new URL(import.meta.url.endsWith(".ts") ? "../package.json" : "./package.json", import.meta.url);
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
  } catch {
    // Returns a placeholder, because a bundle must also run without its package.json.
    return "unknown";
  }
}

/**
 * Versions of the programs that Narthex replaces. A Narthex program that replaces no other program reports Narthex'
 * version.
 */
const PEERS = {
  prometheus: "3.14.0",
  alertmanager: "0.34.0",
  pushgateway: "1.11.3",
  node_exporter: "1.12.1",
  cadvisor: "0.53.0",
  grafana: "13.1.0",
  promtool: "3.14.0",
  amtool: "0.34.0",
  "narthex dashboards": "13.1.0",
  "narthex service": NARTHEX_VERSION,
  "narthex plugin": NARTHEX_VERSION,
};

export type Program = keyof typeof PEERS;

export function buildInfo(program: Program): BuildInfo {
  return {
    program,
    version: PEERS[program],
    narthex: NARTHEX_VERSION,
    revision: process.env["NARTHEX_REVISION"] ?? "unknown",
    branch: process.env["NARTHEX_BRANCH"] ?? "unknown",
    buildUser: process.env["NARTHEX_BUILD_USER"] ?? "narthex",
    buildDate: process.env["NARTHEX_BUILD_DATE"] ?? "unknown",
    goVersion: `node${process.version}`,
  };
}

/** Returns the build data that the status of the Alertmanager and of the Pushgateway contains. */
export const buildInformation = (info: BuildInfo): Readonly<Record<string, string>> => ({
  branch: info.branch,
  buildDate: info.buildDate,
  buildUser: info.buildUser,
  goVersion: info.goVersion,
  revision: info.revision,
  version: info.version,
});

/** Returns the text of `--version` in the format of the replaced program, with Narthex' version on its own line. */
export function versionText(info: BuildInfo): string {
  return [
    `${info.program}, version ${info.version} (branch: ${info.branch}, revision: ${info.revision})`,
    `  build user:       ${info.buildUser}`,
    `  build date:       ${info.buildDate}`,
    `  go version:       ${info.goVersion}`,
    `  platform:         ${process.platform}/${process.arch}`,
    `  narthex:          ${info.narthex}`,
    "",
  ].join("\n");
}
