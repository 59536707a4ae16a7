import { ensureUiBundle, uiFolder } from "@narthex/http";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";

/** One build of the UI for all tests, so that two servers do not build it at the same time. */
export default async function setup(): Promise<void> {
  const app = new URL("../../../apps/server/src/main.ts", import.meta.url).href;
  await ensureUiBundle(uiFolder({ env: {}, cwd: process.cwd() }, app), {
    clock: systemClock,
    logger: memoryLogger(),
    signal: new AbortController().signal,
  });
}
