import { join, resolve } from "node:path";
import { type RuleFileOptions, RuleHistory, RuleStore } from "@narthex/rules";
import { makeDataFolder } from "@narthex/runtime";
import { openOwnSqlite, type Store } from "@narthex/store";
import type { Context } from "../context.ts";
import type { RulesFeature } from "../rules/rules.ts";
import { type ServerFeature, StartError } from "../server-feature.ts";
import { editorRoutes, editorRoutesWhenOff } from "./editor-routes.ts";
import { rulerRoutes } from "./ruler-routes.ts";

const FLAG = "rules.api.path";
const PLACE = "rules API";

/**
 * Adds the feature that lets clients change rule groups (`--rules.api.path`): the rules API of Mimir and Cortex, and the
 * routes of the editor in the UI.
 */
export function openRulesApi(context: Context, { manager, parser }: RulesFeature): ServerFeature {
  const { host, clock, flags } = context;
  if (flags[FLAG] === "") return { name: "rules API", routes: { apiWhenReady: editorRoutesWhenOff } };
  const logger = context.logger.child({ component: "rules api" });
  const folder = resolve(host.cwd, flags[FLAG]);
  let language: RuleFileOptions = { parser };
  let state: Store | undefined;
  let rules: RuleStore | undefined;
  const store = (): RuleStore => rules!;
  return {
    name: "rules API",
    async start() {
      try {
        makeDataFolder(folder, `--${FLAG}`);
        state = await openOwnSqlite(join(folder, "history.db"));
        rules = new RuleStore({
          folder,
          history: await RuleHistory.open(state.collection("rule_changes"), clock),
          clock,
          logger,
          language: () => language,
          isProtected: (namespace) => manager.hasFile(namespace),
          // Does not wait for the end of evaluations in progress: clients learn that the change is accepted.
          apply: (files) =>
            void manager
              .setPlace(PLACE, files)
              .catch((error: unknown) => logger.error("The stored rules could not be applied", { err: error })),
        });
      } catch (cause) {
        throw new StartError("Opening the folder of the rules API failed", { cause });
      }
    },
    stop: () => state?.close(),
    apply: [
      {
        name: PLACE,
        prepare: ({ global }) => ({
          async apply() {
            language = { parser, scheme: global.metricNameValidationScheme };
            // Keeps the current rules if the folder cannot be read, because the configuration is valid.
            await store()
              .read()
              .catch((error: unknown) => logger.error("The stored rules could not be read", { folder, err: error }));
          },
          discard: () => undefined,
        }),
      },
    ],
    routes: {
      rootWhenReady: (app) => rulerRoutes(app, store, clock),
      apiWhenReady: (app) => editorRoutes(app, store, clock),
    },
    features: { rules: { rules_api: true } },
  };
}
