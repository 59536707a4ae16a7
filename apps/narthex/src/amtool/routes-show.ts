import type { Route } from "@narthex/alerting";
import { flagKinds } from "@narthex/runtime";
import { defineCommand } from "../command-line/command.ts";
import { readRoutes } from "./alertmanager-config.ts";
import { drawTree, routeTitle, type TreeNode } from "./route-tree.ts";
import type { Session } from "./session.ts";

/** Flags of `config routes` and its sub-commands. */
export const routesFlags = {
  "config.file": flagKinds.text("", "Config file to be tested; takes precedence over --alertmanager.url."),
};

export const routesShow = defineCommand<Session, typeof routesFlags>({
  name: "show",
  help: "Print the routing tree of a configuration file or a running Alertmanager.",
  flags: routesFlags,
  async run({ values }, session) {
    const root = await readRoutes(session, values["config.file"]);
    session.print(`Routing tree:\n${drawTree(whole(root))}`);
    return 0;
  },
});

const whole = (route: Route): TreeNode => ({
  title: routeTitle(route, { continues: true, receiver: true }),
  children: route.routes.map(whole),
});
