import { expect, test } from "vitest";
import { fakeContext, roleNamed, withKernelTexts } from "../testing/fake-context.ts";
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

test("limits: no limit of memory is no finding", async () => {
  expect(await run({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n" })).toEqual([]);
});

test("limits: maps and inotify are told with the line that raises them", async () => {
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
