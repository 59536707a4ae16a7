import type { Random } from "../../support/random.ts";

const NAMES = ["web", "worker:1", "a&b", "<x>", "ünï", "with space", 'quo"te'];
const STATES = [0, 10, 20, 30, 40, 100, 200, 1000];

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const member = (name: string, value: string): string =>
  `<member>\n<name>${name}</name>\n<value>${value}</value>\n</member>`;

function processInfo(random: Random, name: string): string {
  const number = (value: number): string => `<int>${value}</int>`;
  const text = (value: string): string => `<string>${escaped(value)}</string>`;
  const members = [
    member("name", text(name)),
    member("group", text(random.pick(NAMES))),
    member("start", number(1_700_000_000 + random.below(1_000_000))),
    member("stop", number(random.below(2))),
    member("now", number(1_800_000_000)),
    member("state", number(random.pick(STATES))),
    member("statename", text("STATE")),
    member("spawnerr", text("")),
    member("exitstatus", number(random.below(256) - 1)),
    member("logfile", text("/var/log/x.log")),
    member("pid", number(random.below(32_768))),
    member("description", text("pid 12, uptime 1 day, 0:00:01")),
  ];
  return `<value><struct>\n${members.join("\n")}\n</struct></value>`;
}

/** Returns supervisord's answer to getAllProcessInfo, in the format of its XML-RPC library. */
export function randomSupervisord(random: Random): string {
  const processes = Array.from({ length: random.below(8) }, (_, i) => processInfo(random, `${random.pick(NAMES)}${i}`));
  return `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n${processes.join("\n")}\n</data></array></value>\n</param>\n</params>\n</methodResponse>\n`;
}
