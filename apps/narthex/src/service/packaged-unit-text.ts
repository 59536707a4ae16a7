import { ALL_ROLES } from "./roles.ts";
import { LIFE_CYCLE, sandbox } from "./sandbox.ts";
import { type Setting, unitText } from "./unit-file.ts";

/** The unit of a server in the Debian and RPM packages, and the user that runs it. */
export interface UnitOfPackage {
  readonly role: string;
  /** Name of the service and of the user that runs it. */
  readonly name: string;
  readonly text: string;
}

const DATA = "/var/lib/narthex";
const CONFIGURATION = "/etc/narthex";

/** Environment variables of the dashboards server. Other servers get their settings from flags. */
const ENVIRONMENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  dashboards: {
    GF_PATHS_CONFIG: `${CONFIGURATION}/dashboards.ini`,
    GF_PATHS_DATA: `${DATA}/dashboards`,
    GF_PATHS_PROVISIONING: `${CONFIGURATION}/dashboards/provisioning`,
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/usr/lib/narthex/current/dashboards/overview.json",
    NARTHEX_SERVER_URL: "http://localhost:9090",
    NARTHEX_ALERTMANAGER_URL: "http://localhost:9093",
    NARTHEX_PUSHGATEWAY_URL: "http://localhost:9091",
  },
};

/**
 * Returns the systemd units of a Narthex package. Their sandboxing is the same as in units of `narthex service
 * install`.
 */
export const unitsOfPackage = (): readonly UnitOfPackage[] =>
  ALL_ROLES.map(({ role, title, view, reloads }) => {
    const name = `narthex-${role}`;
    const folders = [`narthex/${role}`, ...(role === "node-exporter" ? [`narthex/${role}/textfile`] : [])];
    const service: readonly Setting[] = [
      ["Type", "exec"],
      ["User", name],
      ["Group", name],
      // Add the group of earlier versions, so that files that an administrator has made readable for this group stay
      // readable.
      ["SupplementaryGroups", "narthex"],
      ...Object.entries(ENVIRONMENT[role] ?? {}).map(([key, value]): Setting => ["Environment", `${key}=${value}`]),
      ["ExecStart", `/usr/bin/narthex ${role} @${CONFIGURATION}/${role}.flags`],
      ...(reloads ? [["ExecReload", "/bin/kill -HUP $MAINPID"] as const] : []),
      ["StateDirectory", folders.join(" ")],
      ["StateDirectoryMode", "0750"],
      ["WorkingDirectory", `${DATA}/${role}`],
      ...LIFE_CYCLE,
      ...sandbox({ view, usesHomes: false, usesLowPort: false }),
    ];
    const text = unitText([
      {
        name: "Unit",
        settings: [
          ["Description", title],
          ["Documentation", "man:narthex(1)"],
          ["Wants", "network-online.target"],
          ["After", "network-online.target"],
        ],
      },
      { name: "Service", settings: service },
      { name: "Install", settings: [["WantedBy", "multi-user.target"]] },
    ]);
    return { role, name, text };
  });
