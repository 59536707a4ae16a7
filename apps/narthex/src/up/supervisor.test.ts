import { setImmediate } from "node:timers/promises";
import { systemClock } from "@narthex/runtime";
import { testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Supervisor } from "./supervisor.ts";

const role = { name: "server", what: "", port: 1, loopback: "127.0.0.1", readyPath: "/", args: [] } as const;

test.each([
  ["an error of the configuration", "console.error('bad'); process.exit(1)", 1, false],
  ["a port that another program uses", "console.error('listen EADDRINUSE'); process.exit(1)", 3, true],
])(
  "if a role ends because of %s before it is ready, its number of starts is limited",
  async (_, program, starts, isPortTaken) => {
    const host = testHost([], { clock: { ...systemClock, sleep: () => setImmediate() } });
    const cli = [process.execPath, "--eval", program];
    const supervisor = new Supervisor(role, { host, cli, env: {}, shared: [], say: () => undefined });
    expect([await supervisor.start(), supervisor.isPortTaken]).toEqual([false, isPortTaken]);
    expect(host.output.stderr.split("\n").length - 1).toBe(starts);
    await supervisor.stop();
  },
);
