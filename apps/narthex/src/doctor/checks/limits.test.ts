import { expect, test } from "vitest";
import { fakeContext, fakeMachine, roleNamed, withKernelTexts } from "../testing/fake-context.ts";
import { limits } from "./limits.ts";

const processLimits = (files: string, processes: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units
Max processes             100                  ${processes.padEnd(20)} processes
Max open files            1024                 ${files.padEnd(20)} files
`;

const run = async (texts: Readonly<Record<string, string>>) =>
  limits.run(fakeContext({ machine: withKernelTexts(texts), roles: [roleNamed("server")] }));

test.each([
  ["1048576", "ok"],
  ["unlimited", "ok"],
  ["4096", "warning"],
  ["256", "error"],
])("limits: %s open files are %s", async (files, level) => {
  const findings = await run({ "/proc/self/limits": processLimits(files, "unlimited") });
  expect(findings.map((finding) => finding.level)).toEqual([level, "ok"]);
  if (level !== "ok") expect(findings[0]!.hint).toContain("LimitNOFILE=8192");
});

test.each([
  ["0::/a/b\n", { "/sys/fs/cgroup/a/memory.max": "67108864\n", "/sys/fs/cgroup/a/b/memory.max": "max\n" }, "error"],
  ["0::/\n", { "/sys/fs/cgroup/memory.max": "209715200\n" }, "warning"],
  ["0::/\n", { "/sys/fs/cgroup/memory.max": "4294967296\n" }, "ok"],
  ["5:cpu,memory:/x\n", { "/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "67108864\n" }, "error"],
])("limits: memory of the group %j is %s", async (groups, texts, level) => {
  const findings = await run({ "/proc/self/cgroup": groups, ...(texts as Record<string, string>) });
  expect(findings).toMatchObject([{ level }]);
});

test("limits: no finding if memory has no limit", async () => {
  expect(await run({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n" })).toEqual([]);
});

test("limits: findings about memory maps and inotify contain the line that raises the limit", async () => {
  const findings = await run({
    "/proc/sys/vm/max_map_count": "1024\n",
    "/proc/sys/fs/inotify/max_user_instances": "8\n",
    "/proc/sys/fs/inotify/max_user_watches": "100000\n",
  });
  expect(findings).toMatchObject([
    { level: "warning", hint: expect.stringContaining("sysctl -w vm.max_map_count=65530") },
    { level: "warning", hint: expect.stringContaining("sysctl -w fs.inotify.max_user_instances=128") },
    { level: "ok" },
  ]);
});

test("limits: LimitNPROC raises the user's limit of processes, TasksMax that of the control group", async () => {
  const findings = await run({
    "/proc/self/limits": processLimits("1048576", "100"),
    "/proc/self/cgroup": "0::/a\n",
    "/sys/fs/cgroup/a/pids.max": "32\n",
  });
  expect(findings).toMatchObject([
    { level: "ok" },
    { level: "warning", hint: expect.stringContaining("LimitNPROC=512") },
    {
      level: "error",
      what: expect.stringContaining("up to 32 processes"),
      hint: expect.stringContaining("TasksMax=512"),
    },
  ]);
});

test("limits: a running role has its own limits; for other roles this process's limits are reported", async () => {
  const listens = (port: number) => [{ address: { host: undefined, port }, flag: "--web.listen-address" }];
  const program = { pid: 42, command: ["node", "/narthex/main.js", "server"], cwd: "/" };
  const texts: Readonly<Record<string, string>> = {
    "/proc/42/limits": processLimits("256", "unlimited"),
    "/proc/self/limits": processLimits("1048576", "unlimited"),
  };
  const machine = fakeMachine({
    kernelText: (path) => Promise.resolve(texts[path]),
    listenersOn: () => Promise.resolve([{ port: 9090, uid: 1000, program }]),
  });
  const server = roleNamed("server", { listens: listens(9090) });
  const own = await limits.run(fakeContext({ machine, roles: [server] }));
  expect(own).toMatchObject([{ level: "error", what: expect.stringContaining("(server, pid 42)") }, { level: "ok" }]);
  const both = await limits.run(
    fakeContext({ machine, roles: [server, roleNamed("alertmanager", { listens: listens(9093) })] }),
  );
  expect(both.map(({ level }) => level)).toEqual(["error", "ok", "ok", "ok"]);
  expect(both[2]!.what).toContain("(this process, whose limits apply to roles that are started here)");
});

test("limits: roles in one control group share its memory", async () => {
  const listens = (port: number) => [{ address: { host: undefined, port }, flag: "--web.listen-address" }];
  const texts: Readonly<Record<string, string>> = {
    "/proc/42/cgroup": "0::/a\n",
    "/proc/43/cgroup": "0::/a\n",
    "/sys/fs/cgroup/a/memory.max": String(300 * 1024 * 1024),
  };
  const holder = (port: number, pid: number, role: string) => ({
    port,
    uid: 1000,
    program: { pid, command: ["node", "main.js", role], cwd: "/" },
  });
  const machine = fakeMachine({
    kernelText: (path) => Promise.resolve(texts[path]),
    listenersOn: () => Promise.resolve([holder(9090, 42, "server"), holder(9093, 43, "alertmanager")]),
  });
  const roles = [
    roleNamed("server", { listens: listens(9090) }),
    roleNamed("alertmanager", { listens: listens(9093) }),
  ];
  expect(await limits.run(fakeContext({ machine, roles }))).toMatchObject([
    { level: "warning", what: expect.stringContaining("2 roles (server, pid 42; alertmanager, pid 43)") },
  ]);
});
