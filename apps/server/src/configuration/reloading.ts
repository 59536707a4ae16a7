import { discoverers } from "@narthex/discovery";
import { access, sendSuccess } from "@narthex/http";
import type { Part } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import { objectivePatterns } from "../objectives/objective-files.ts";
import { behaviourPatterns } from "../rules/behaviour-files.ts";
import { effectiveYaml } from "./effective-config.ts";
import { watchConfiguration } from "./watch-configuration.ts";

/**
 * Adds the feature that reloads the configuration after a signal or a change of files, and serves the current
 * configuration.
 */
export function openReloading({ host, logger, flags, featureFlags, configuration }: Context): ServerFeature {
  const isWatching = flags["config.auto-reload"] || featureFlags.has("auto-reload-config");
  let watch: Part | undefined;
  return {
    name: "configuration watch",
    ready() {
      const everyMs = isWatching ? flags["config.auto-reload-interval"] : undefined;
      watch = watchConfiguration(
        {
          host,
          logger,
          file: flags["config.file"],
          everyMs,
          otherFiles: [...objectivePatterns(host, flags), ...behaviourPatterns(host, flags)],
        },
        configuration,
      );
    },
    stop: () => watch?.stop(),
    routes: {
      apiWhenReady(app) {
        app.get("/status/config", access("read"), async (_request, reply) =>
          sendSuccess(reply, {
            data: { yaml: effectiveYaml(configuration.current, discoverers, flags, featureFlags) },
          }),
        );
      },
    },
    features: { prometheus: { auto_reload_config: isWatching } },
  };
}
