import { formatDuration, parseDuration } from "@narthex/model";
import { type Flag, flagKinds } from "@narthex/runtime";

const { flag, integer, list, logFormat, logLevel, number, parsed, text } = flagKinds;

type Extras = Pick<Flag<unknown>, "hidden" | "short" | "notBuilt">;

function duration(fallbackMs: number, help: string, extras?: Extras): Flag<number> {
  return parsed(fallbackMs, parseDuration, formatDuration, help, extras);
}

/**
 * All flags of Alertmanager 0.34 with their defaults, and flags of Narthex. The docs page is generated from this table.
 */
export const flags = {
  "config.file": text("alertmanager.yml", "Alertmanager configuration file name."),
  "notification.context-file": text(
    "",
    "File with the addresses of server and dashboards, from which notifications by e-mail, Slack, Teams and Telegram get a picture of the alert, recent deployments and earlier firings. The Alertmanager reads the file at its start. (Narthex only.)",
  ),
  "storage.path": text("data/", "Base path for data storage."),
  "store.url": text(
    "",
    "PostgreSQL database in which several instances share silences and notification log, instead of a file in --storage.path: postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full. Also read from NARTHEX_STORE_URL; the password also from PGPASSWORD or the file PGPASSFILE. (Narthex only.)",
  ),
  "store.url-file": text("", "File with the URL of --store.url. (Narthex only.)"),
  "data.retention": duration(432_000_000, "How long to keep data for."),
  "data.maintenance-interval": duration(
    900_000,
    "Interval between garbage collection and snapshotting to disk of the silences and the notification logs.",
  ),
  "silences.max-silences": integer(0, "Maximum number of silences, including expired silences. 0 for no limit."),
  "silences.max-silence-size-bytes": integer(0, "Maximum silence size in bytes. 0 for no limit."),
  "silences.max-per-silence-bytes": integer(
    0,
    "The same, under prometheus-operator's name. Used if the other flag is not set. (Narthex only.)",
  ),
  "log.silences": flag(false, "Log changes of silences."),
  "alerts.gc-interval": duration(1_800_000, "Interval between alert garbage collections."),
  "alerts.per-alertname-limit": integer(0, "Maximum number of alerts per alertname. 0 for no limit."),
  "dispatch.maintenance-interval": duration(30_000, "Interval between maintenance of aggregation groups."),
  "dispatch.start-delay": duration(0, "Minimum amount of time to wait before dispatching alerts after the start."),
  "web.systemd-socket": flag(false, "Use systemd socket activation listeners instead of port listeners."),
  "web.listen-address": list([":9093"], "Addresses on which to expose metrics and web interface. Can be repeated."),
  "web.config.file": text("", "Path to configuration file that can enable TLS or authentication."),
  "web.sign-in-url": text(
    "",
    "Address of narthex dashboards, whose people and tokens may pass, each with the scopes of its role: http://dashboards:3000. All other requests are refused, except those of users in --web.config.file. (Narthex only.)",
  ),
  "web.enable-receiver-setup": flag(
    false,
    "Let pages add, change, test and delete receivers in --config.file. Passwords and URLs are stored in files below --storage.path. With --web.sign-in-url, this needs the scope admin; otherwise everyone who reaches the port may do so. (Narthex only.)",
  ),
  "web.external-url": text(
    "",
    "The URL under which Alertmanager is externally reachable, for links in notifications. Default: http://<hostname>:<port>/.",
  ),
  "web.route-prefix": text("", "Prefix for the internal routes of web endpoints. Default: path of --web.external-url."),
  "web.get-concurrency": integer(
    0,
    "Maximum number of GET requests processed concurrently. 0 for the larger of 8 and the CPUs.",
  ),
  "web.timeout": duration(0, "Timeout for HTTP requests. 0 for none."),
  "auto-gomemlimit.ratio": number(0.9, "Accepted for compatibility; Node reads the container's memory limit itself."),
  "cluster.listen-address": text("0.0.0.0:9094", 'Listen address for cluster. Set to "" to disable HA mode.'),
  "cluster.advertise-address": text("", "Explicit address to advertise in cluster."),
  "cluster.peer": list([], "Initial peers (may be repeated)."),
  "cluster.peer-name": text("", "Name of this peer."),
  "cluster.label": text("", "Optional string to include on each packet."),
  "cluster.tls-config": text("", "Path to config file that can enable mutual TLS within the gossip protocol."),
  "cluster.peer-timeout": duration(15_000, "Time to wait between peers to send notifications."),
  "cluster.peers-resolve-timeout": duration(15_000, "Time to resolve peers."),
  "cluster.gossip-interval": duration(200, "Interval between sending gossip messages."),
  "cluster.pushpull-interval": duration(60_000, "Interval for gossip state syncs."),
  "cluster.tcp-timeout": duration(10_000, "Timeout for establishing a stream connection with a peer."),
  "cluster.probe-timeout": duration(500, "Timeout to wait for an ack from a probed peer."),
  "cluster.probe-interval": duration(1000, "Interval between random peer probes."),
  "cluster.settle-timeout": duration(60_000, "Maximum time to wait for cluster connections to settle."),
  "cluster.reconnect-interval": duration(10_000, "Interval between attempting to reconnect to lost peers."),
  "cluster.reconnect-timeout": duration(21_600_000, "Length of time to attempt to reconnect to a lost peer."),
  "cluster.allow-insecure-public-advertise-address-discovery": flag(
    false,
    "Allow the cluster to discover and listen on a public IP address.",
  ),
  "enable-feature": text(
    "",
    "Experimental features to enable, comma separated. Valid options: alert-names-in-metrics, receiver-name-in-metrics, group-key-in-metrics, classic-mode, utf8-strict-mode, auto-gomemlimit, event-recorder.",
  ),
  "log.level": logLevel,
  "log.format": logFormat,
} as const;
