import { expect, test } from "vitest";
import { terminalWatch } from "./terminal.ts";

test.each([
  ["no terminal", "linux", [], [], false],
  ["an open terminal", "linux", [0, 1, 2], [0, 1, 2], false],
  ["a closed terminal", "linux", [0, 1, 2], [], true],
  ["a closed terminal, and a log file", "darwin", [0], [], true],
  ["a console of Windows", "win32", [1], [1], true],
  ["no console of Windows", "win32", [], [], false],
] as const)("SIGHUP with %s (%s): the terminal is closed", (_, platform, atStart, now, isClosed) => {
  let open: readonly number[] = atStart;
  const isTerminalClosed = terminalWatch((descriptor) => open.includes(descriptor), platform);
  open = now;
  expect(isTerminalClosed()).toBe(isClosed);
});
