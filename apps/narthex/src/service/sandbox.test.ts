import { expect, test } from "vitest";
import { unitsOfPackage } from "./packaged-unit-text.ts";
import { sandbox, type View } from "./sandbox.ts";
import { settings } from "./unit-file.ts";

const filters = (view: View): readonly string[] =>
  sandbox({ view, usesHomes: false, usesLowPort: false })
    .filter(([name]) => name === "SystemCallFilter")
    .map(([, value]) => value);

test("a role that reads the host's clock may make the system calls for it, because the line that allows them follows the line that forbids them", () => {
  expect(filters("host")).toEqual(["@system-service", "~@privileged @resources", "adjtimex clock_adjtime"]);
});

test.each<View>(["own files", "containers"])("a role that sees %s has no call that sets the clock", (view) => {
  expect(filters(view)).toEqual(["@system-service", "~@privileged @resources"]);
});

test("units of packages have users of their own and the restrictions of `service install`", () => {
  const users = unitsOfPackage().map(({ name, text }) => {
    const found = settings(text);
    const isHost = name === "narthex-node-exporter";
    const expected = sandbox({ view: isHost ? "host" : "own files", usesHomes: false, usesLowPort: false });
    expect(found).toEqual(expect.arrayContaining([...expected, ["RestartSec", "5s"], ["LimitNOFILE", "65536"]]));
    // The Alertmanager needs netlink, because its cluster reads the host's addresses.
    expect(found.find(([key]) => key === "RestrictAddressFamilies")![1]).toContain("AF_NETLINK");
    return found.find(([key]) => key === "User")![1];
  });
  expect(users).toEqual([
    "narthex-server",
    "narthex-alertmanager",
    "narthex-pushgateway",
    "narthex-node-exporter",
    "narthex-dashboards",
  ]);
});
