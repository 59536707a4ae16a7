import { expect } from "vitest";
import type { TestHost } from "./test-host.ts";

/** Runs a role, and stops it after `use`, which gets the role's URL. Expects that the role ends without an error. */
export async function whileRunning<T>(
  host: TestHost,
  main: (host: TestHost) => Promise<number>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const status = main(host);
  try {
    return await use(`http://${await host.listening(status)}`);
  } finally {
    host.requestStop();
    expect(await status).toBe(0);
  }
}
