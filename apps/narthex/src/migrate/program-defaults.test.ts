import { expect, test } from "vitest";
import { defaultsIn } from "./program-defaults.ts";

const HELP = `usage: prometheus [<flags>]

Flags:
  -h, --[no-]help                Show help.
      --config.file="/etc/prometheus/prometheus.yml"
                                 Path.
      --web.listen-address=0.0.0.0:9090 ...
                                 Address.
      --[no-]web.enable-lifecycle
                                 Lifecycle.
      --storage.tsdb.retention.time=STORAGE.TSDB.RETENTION.TIME
                                 See --storage.tsdb.wal="x" too.
      --storage.tsdb.path="/var/lib/my data/"  Path.
`;

test("defaultsIn() parses the defaults in the output of --help", () => {
  expect(Object.fromEntries(defaultsIn(HELP))).toEqual({
    "config.file": "/etc/prometheus/prometheus.yml",
    "web.listen-address": "0.0.0.0:9090",
    "storage.tsdb.retention.time": "STORAGE.TSDB.RETENTION.TIME",
    "storage.tsdb.path": "/var/lib/my data/",
  });
});
