import { expect, test } from "vitest";
import { defaultsIn, trustedProgram } from "./program-defaults.ts";

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

interface Entry {
  readonly uid?: number;
  readonly mode?: number;
}

test.each<[string, Readonly<Record<string, Entry>>, boolean]>([
  ["everything is root's", {}, true],
  ["the file is this user's", { "/opt/am/alertmanager": { uid: 7 } }, true],
  ["the file is another user's", { "/opt/am/alertmanager": { uid: 8 } }, false],
  ["all users may write to the file", { "/opt/am/alertmanager": { mode: 0o757 } }, false],
  ["a folder above is another user's", { "/opt/am": { uid: 8 } }, false],
  ["all users may write to a folder above", { "/opt": { mode: 0o777 } }, false],
  ["a folder above with the sticky bit has a folder of root", { "/opt": { mode: 0o1777 } }, true],
  ["all users may write to the file, with the sticky bit", { "/opt/am/alertmanager": { mode: 0o1757 } }, false],
  [
    "a folder above with the sticky bit has another user's folder",
    { "/opt": { mode: 0o1777 }, "/opt/am": { uid: 8 } },
    false,
  ],
  ["a folder above has become a link", { "/opt/am": { mode: -1 } }, false],
])("a program is run only if no other user can replace it: %s", (_, special, isTrusted) => {
  const path = "/opt/am/alertmanager";
  const files = {
    real: () => path,
    facts: (at: string) => {
      const { uid = 0, mode = 0o755 } = special[at] ?? {};
      return { uid, mode, isFile: () => at === path, isDirectory: () => at !== path && mode !== -1 };
    },
  };
  expect(trustedProgram("/usr/bin/link", 7, files)).toBe(isTrusted ? path : undefined);
});
