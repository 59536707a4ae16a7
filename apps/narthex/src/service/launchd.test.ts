import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { programArguments } from "./property-list.ts";
import { FakeSystem } from "./testing/fake-system.ts";

const SERVER = "/Library/LaunchDaemons/narthex.server.plist";

function mac(): FakeSystem {
  const machine = new FakeSystem();
  machine.platform = "darwin";
  machine.users.add("eve");
  return machine;
}

test("install writes a daemon that runs as the calling user, and starts it when its label is no longer in use", async () => {
  using machine = mac();
  machine.busy = 3;
  const { status, stdout } = await machine.service("install", "server", "--web.page-title=A & B");
  expect(status).toBe(0);
  const text = machine.read(SERVER);
  expect(programArguments(text)).toEqual([
    "/opt/narthex/bin/narthex",
    "server",
    "--config.file=/usr/local/etc/prometheus/prometheus.yml",
    "--storage.tsdb.path=/usr/local/var/prometheus",
    "--web.page-title=A & B",
  ]);
  expect(text).toContain("<key>UserName</key>\n  <string>eve</string>");
  expect(machine.has("/usr/local/etc/prometheus/rules/host.yml")).toBe(true);
  expect(machine.commands).toContain("chown eve /usr/local/var/prometheus");
  expect(machine.commands.filter((command) => command.startsWith("launchctl bootstrap"))).toHaveLength(4);
  expect(stdout).toContain("prometheus runs, and starts with the host: ready at http://127.0.0.1:9090");
});

test("a second run keeps flags and manual edits; a daemon of another program is not changed", async () => {
  using machine = mac();
  await machine.service("install", "pushgateway", "--web.listen-address=:9092");
  const path = "/Library/LaunchDaemons/narthex.pushgateway.plist";
  machine.write(path, machine.read(path).replace("<true/>", "<false/>"));
  expect((await machine.service("install", "pushgateway")).status).toBe(0);
  expect(programArguments(machine.read(path))).toContain("--web.listen-address=:9092");
  expect(machine.read(`${path}.old`)).toContain("<false/>");
  machine.write(SERVER, "<plist/>");
  expect((await machine.service("install", "server")).stderr).toContain(
    "was not written by Narthex and is not changed",
  );
});

test.each(["/usr/local/var/prometheus-old", "/usr/local/var/prometheus/../other"])(
  "%s is not part of the role's own folder, and the role's user does not become its owner",
  async (path) => {
    using machine = mac();
    mkdirSync(machine.path("/usr/local/var/prometheus"), { recursive: true });
    mkdirSync(machine.path(path), { recursive: true });
    expect((await machine.service("install", "server", `--storage.tsdb.path=${path}`)).status).toBe(0);
    expect(machine.commands.filter((command) => command.startsWith("chown"))).toEqual([
      "chown eve /usr/local/var/log/narthex",
    ]);
  },
);

test("a missing user is reported, and a user other than root gets the command to run", async () => {
  using machine = mac();
  expect((await machine.service("install", "--user=bob", "server")).stderr).toContain(
    "the user bob, as which server would run, does not exist",
  );
  machine.uid = 501;
  expect((await machine.service("install", "server")).stderr).toContain(
    "run: sudo /opt/narthex/bin/narthex service install server",
  );
});

test.each([{ USER: "root" }, { SUDO_USER: "root", USER: "root" }, {}])(
  "root without sudo (%j) must name the user as which the roles run",
  async (env) => {
    using machine = mac();
    machine.env = env;
    machine.users.add("root");
    const { status, stderr } = await machine.service("install", "server");
    expect([status, stderr]).toEqual([1, expect.stringContaining("server would run as root; name a user")]);
    expect(machine.has(SERVER)).toBe(false);
    expect((await machine.service("install", "--user=root", "server")).status).toBe(0);
    expect((await machine.service("install", "server")).status).toBe(0);
  },
);

test("status, logs and uninstall run launchctl and tail", async () => {
  using machine = mac();
  await machine.service("install", "server");
  const running = await machine.service("status", "server");
  expect([running.status, running.stdout]).toEqual([
    0,
    "server (prometheus): running since Mon, pid 42; starts with the host\n  ready at http://127.0.0.1:9090\n",
  ]);
  machine.broken.add("narthex.server");
  machine.write("/usr/local/var/log/narthex/prometheus.log", "level=ERROR msg=x\n");
  expect(await machine.service("status", "server")).toMatchObject({
    status: 3,
    stdout: "server (prometheus): failed; starts with the host\n  last error: level=ERROR msg=x\n",
  });
  await machine.service("logs", "server", "-f");
  expect(machine.commands.at(-1)).toBe("tail -n 100 -F /usr/local/var/log/narthex/prometheus.log");
  const { stdout } = await machine.service("uninstall", "server");
  expect(machine.has(SERVER)).toBe(false);
  expect(stdout).toContain("/usr/local/var/prometheus: sudo rm -r ");
});
