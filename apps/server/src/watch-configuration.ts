import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { diskFiles, glob } from "@narthex/config";
import type { Part } from "@narthex/runtime";
import type { Configuration } from "./configuration.ts";
import type { Surroundings } from "./wire.ts";

/** Reloads on SIGHUP, and when a file changed if `--config.auto-reload` asks for it. */
export function watchConfiguration(around: Surroundings, configuration: Configuration): Part {
  const { host, flags, features } = around;
  const reload = (): void => void configuration.reload().catch(() => undefined); // it has logged and counted the failure itself
  const stopListening = host.onReload(reload);
  const stop = new AbortController();
  if (flags["config.auto-reload"] || features.has("auto-reload-config"))
    void watch(around, configuration, reload, stop.signal);
  return {
    name: "configuration watch",
    stop() {
      stopListening();
      stop.abort(new Error("stopping"));
    },
  };
}

async function watch(
  { host, flags }: Surroundings,
  configuration: Configuration,
  reload: () => void,
  signal: AbortSignal,
): Promise<void> {
  let known = await digest(flags["config.file"], configuration);
  while (!signal.aborted) {
    await host.clock.sleep(flags["config.auto-reload-interval"], signal).catch(() => undefined);
    if (signal.aborted) return;
    const now = await digest(flags["config.file"], configuration);
    if (now === known) continue;
    known = now;
    reload();
  }
}

/** Digest of the main file, the rule files and the scrape config files; a missing one counts as empty. */
async function digest(file: string, configuration: Configuration): Promise<string> {
  const { ruleFiles, scrapeConfigFiles } = configuration.current;
  const more = await Promise.all([...ruleFiles, ...scrapeConfigFiles].map((pattern) => glob(pattern, diskFiles)));
  const hash = createHash("sha256");
  for (const path of [file, ...more.flat()]) {
    const text = await readFile(path).catch(() => Buffer.alloc(0));
    hash.update(`${path}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex");
}
