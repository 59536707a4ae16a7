import { resolve } from "node:path";
import { flags as alertmanagerFlags } from "@narthex/alertmanager-app";
import { flags as dashboardsFlags, splitArguments } from "@narthex/dashboards-app";
import { flags as nodeExporterFlags } from "@narthex/node-exporter-app";
import { flags as pushgatewayFlags } from "@narthex/pushgateway-app";
import { flags as serverFlags } from "@narthex/server-app";
import { routePrefixOf } from "@narthex/http";
import { type FlagTable, type FlagValues, type Host, ListenAddressError, parseListenAddress } from "@narthex/runtime";
import { CommandError } from "../../command-line/command.ts";
import { dashboardsSettings } from "./dashboards-settings.ts";
import type { DataPath, ListenSubject, RoleSubject } from "./subject.ts";

interface RoleStart {
  readonly host: Pick<Host, "cwd">;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settings in `cfg:` arguments of the dashboards server, in the form `section.key=value`. */
  readonly overrides: readonly string[];
}

/** Converts the command-line flags of one kind of server to the settings that are checked. */
export interface RoleReader {
  readonly role: string;
  readonly flags: FlagTable;
  /** Converts the server's flags. Throws CommandError for an invalid address. */
  readonly read: (values: FlagValues<FlagTable>, start: RoleStart) => RoleSubject;
}

const readerOf = <F extends FlagTable>(
  role: string,
  flags: F,
  read: (values: FlagValues<F>, start: RoleStart) => Omit<RoleSubject, "role">,
): RoleReader => ({
  role,
  flags,
  read: (values, start) => ({ role, ...read(values as unknown as FlagValues<F>, start) }),
});

/** The server's retention time if no flag sets it, ms: 15 days. */
const DEFAULT_RETENTION_MS = 15 * 24 * 3_600_000;

const LISTEN_FLAG = "--web.listen-address";

function listensOn(addresses: readonly string[], isActivated: boolean, flag = LISTEN_FLAG): readonly ListenSubject[] {
  // The server opens no port with socket activation, because systemd opens the sockets.
  if (isActivated) return [];
  try {
    return addresses.map((text) => ({ address: parseListenAddress(text), flag }));
  } catch (cause) {
    if (!(cause instanceof ListenAddressError)) throw cause;
    throw new CommandError(cause.message, { cause });
  }
}

const dataFolder = (path: string, flag: string): DataPath => ({ path, isFile: false, flag });

function names(lists: readonly string[]): readonly string[] {
  return lists.flatMap((list) => list.split(","));
}

/** All servers in the order in which `narthex up` starts them. To add a server, add a row here. */
export const ROLE_READERS: readonly RoleReader[] = [
  readerOf("node-exporter", nodeExporterFlags, (values, { host }) => ({
    listens: listensOn(values["web.listen-address"], values["web.systemd-socket"]),
    data: [],
    webConfig: located(host, values["web.config.file"]),
    pathPrefix: "",
  })),
  readerOf("pushgateway", pushgatewayFlags, (values, { host }) => ({
    listens: listensOn(values["web.listen-address"], values["web.systemd-socket"]),
    data:
      values["persistence.file"] === ""
        ? []
        : [{ path: located(host, values["persistence.file"]), isFile: true, flag: "--persistence.file" }],
    webConfig: located(host, values["web.config.file"]),
    pathPrefix: routePrefixOf(values["web.route-prefix"], values["web.external-url"]),
  })),
  readerOf("alertmanager", alertmanagerFlags, (values, { host, env }) => {
    const cluster = values["cluster.listen-address"];
    const url = values["store.url"] === "" ? (env["NARTHEX_STORE_URL"] ?? "") : values["store.url"];
    return {
      listens: [
        ...listensOn(values["web.listen-address"], values["web.systemd-socket"]),
        ...listensOn(cluster === "" ? [] : [cluster], false, "--cluster.listen-address"),
      ],
      data: [dataFolder(located(host, values["storage.path"]), "--storage.path")],
      webConfig: located(host, values["web.config.file"]),
      alertmanager: {
        file: located(host, values["config.file"]),
        features: names([values["enable-feature"]]).filter((name) => name !== ""),
      },
      store: { url, urlFile: located(host, values["store.url-file"]) },
      pathPrefix: routePrefixOf(values["web.route-prefix"], values["web.external-url"]),
    };
  }),
  readerOf("server", serverFlags, (values, { host }) => ({
    listens: listensOn(values["web.listen-address"], false),
    data: [
      values.agent
        ? dataFolder(located(host, values["storage.agent.path"]), "--storage.agent.path")
        : dataFolder(located(host, values["storage.tsdb.path"]), "--storage.tsdb.path"),
    ],
    webConfig: located(host, values["web.config.file"]),
    prometheus: {
      file: located(host, values["config.file"]),
      features: names(values["enable-feature"]),
      isAgent: values.agent,
    },
    retention: {
      timeMs:
        values["storage.tsdb.retention.time"] ??
        ((values["storage.tsdb.retention.size"] ?? 0) === 0 ? DEFAULT_RETENTION_MS : 0),
      bytes: values["storage.tsdb.retention.size"] ?? 0,
    },
    pathPrefix: routePrefixOf(values["web.route-prefix"], values["web.external-url"]),
  })),
  readerOf("dashboards", dashboardsFlags, (values, { host, env, overrides }) => {
    const given = values["web.listen-address"];
    const isActivated = values["web.systemd-socket"];
    const settings = dashboardsSettings({ cwd: host.cwd, env }, values.config, overrides);
    return {
      ...("problem" in settings
        ? { listens: listensOn(given, isActivated), data: [], settingsProblem: settings.problem }
        : {
            listens: listensOn(given.length > 0 ? given : [settings.address], isActivated),
            data: [dataFolder(settings.data, "GF_PATHS_DATA")],
            provisioning: settings.provisioning,
            settingsWarnings: settings.warnings,
          }),
      webConfig: located(host, values["web.config.file"]),
      env,
      pathPrefix: "",
    };
  }),
];

/** Separates the flags in a server's arguments from other arguments, such as `cfg:` arguments. */
export function argumentsOf(
  role: string,
  args: readonly string[],
): { flags: readonly string[]; overrides: readonly string[] } {
  return role === "dashboards" ? splitArguments(args) : { flags: args, overrides: [] };
}

const located = ({ cwd }: Pick<Host, "cwd">, path: string): string => (path === "" ? "" : resolve(cwd, path));
